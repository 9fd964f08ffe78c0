package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The independent [Model] predicts every answer of the ledger under random work: several lots,
/// limits, expiry, grants, purchases and their reversals, sizes, late bills, repeats, marks,
/// restarts, batches of any size.
///
/// More rounds: `-Dfaregate.model.seeds=500`. One again: `-Dfaregate.model.seed=…`.
class LedgerModelTest {
  private static final int STEPS = 400;
  private static final int WALLETS = 3;

  @TempDir Path folder;

  static List<Long> seeds() {
    Long one = Long.getLong("faregate.model.seed");
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seed <= Long.getLong("faregate.model.seeds", 6); seed++) {
      seeds.add(seed);
    }
    return one == null ? seeds : List.of(one);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyAnswerIsThatOfTheModel(long seed) {
    HandClock clock = HandClock.still();
    try (LedgerStore store = new SqliteStore(folder.resolve("ledger.db"), clock)) {
      new Play(seed, List.of(store), clock).run();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {101, 102})
  void everyAnswerIsThatOfTheModelOnPostgres(long seed) {
    HandClock clock = HandClock.still();
    new Play(seed, List.of(PostgresStore.empty(PostgresServers.OLD, clock)), clock).run();
  }

  /// Calls begin on one node and end on any.
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {201, 202, 203})
  void everyAnswerOfTwoNodesIsThatOfTheModel(long seed) {
    HandClock clock = HandClock.still();
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (PostgresStore one = new PostgresStore(settings, clock);
        PostgresStore two = new PostgresStore(settings, Clock.system())) {
      new Play(seed, List.of(one, two), clock).run();
    }
  }

  private record Expectation(String command, CompletableFuture<String> actual, String expected) {}

  private static final class Play {
    private final long seed;
    private final List<LedgerStore> stores;
    private final List<Rig> rigs = new ArrayList<>();
    private final HandClock clock;
    private final SplittableRandom random;
    private final List<Model> models = new ArrayList<>();
    private final List<WalletId> wallets = new ArrayList<>();
    private final Map<Integer, LotId> lots = new HashMap<>();
    private final Map<Integer, CallId> calls = new HashMap<>();
    private final Map<Integer, Integer> walletOfCall = new HashMap<>();
    private final Map<Integer, Long> revisions = new HashMap<>();
    private final Map<Integer, Rig> makers = new HashMap<>();
    private final List<Expectation> expectations = new ArrayList<>();
    private final List<GrantCommand> broughtHere = new ArrayList<>();
    private LedgerStore store;
    private Rig rig;
    private int numbers;

    Play(long seed, List<LedgerStore> stores, HandClock clock) {
      this.seed = seed;
      this.stores = stores;
      this.clock = clock;
      this.random = new SplittableRandom(seed);
      stores.forEach(each -> rigs.add(new Rig(each, clock, settings())));
      this.store = stores.getFirst();
      this.rig = rigs.getFirst();
    }

    /// Goes to any node, when all is done on the one before. Each node asks for the credit of a
    /// wallet itself, as for that of a month: what it remembers lacks lots that others brought, and
    /// the order of use with them.
    private void turnTo(int node) {
      if (!rig.equals(rigs.get(node))) {
        check();
        store = stores.get(node);
        rig = rigs.get(node);
        broughtHere.forEach(
            grant -> assertThat(rig.grant(grant)).isInstanceOf(GrantOutcome.GrantedBefore.class));
        broughtHere.clear();
      }
    }

    /// Caches of any size must not change an answer.
    private LedgerSettings settings() {
      return new LedgerSettings(
          1 + random.nextInt(64), 10_000, 100, 1 + random.nextInt(3), 1 + random.nextInt(50), 1, 0);
    }

    void run() {
      for (int wallet = 0; wallet < WALLETS; wallet++) {
        models.add(new Model());
        wallets.add(rig.newWallet());
      }
      for (int step = 0; step < STEPS; step++) {
        int kind = random.nextInt(100);
        turnTo(random.nextInt(rigs.size()));
        if (kind < 2 && rigs.size() == 1) {
          check();
          rig.close();
          rig = new Rig(store, clock, settings());
          rigs.set(0, rig);
          models.forEach(Model::restart);
        } else if (kind < 5) {
          check();
          clock.pass(20);
        } else {
          burst(1 + random.nextInt(12));
        }
      }
      check();
      rigs.forEach(Rig::close);
    }

    /// Commands that queue while the writer is kept busy, so that they share a batch.
    private void burst(int count) {
      try (LedgerStore.Stall _ = store.stall()) {
        for (int i = 0; i < count; i++) {
          command(random.nextInt(WALLETS), random.nextInt(100));
        }
      }
    }

    private void command(int wallet, int kind) {
      if (kind < 12) {
        grant(wallet);
      } else if (kind < 17) {
        resize(wallet);
      } else if (kind < 50) {
        hold(wallet);
      } else if (kind < 60) {
        mark();
      } else if (kind < 80) {
        settle();
      } else if (kind < 88) {
        release();
      } else {
        adjust();
      }
    }

    private <T> void expect(
        String command,
        java.util.function.Consumer<Reply<T>> ask,
        java.util.function.Function<T, String> told,
        String expected) {
      CompletableFuture<T> future = new CompletableFuture<>();
      ask.accept(Reply.future(future));
      expectations.add(new Expectation(command, future.thenApply(told), expected));
    }

    private void grant(int wallet) {
      int lot = ++numbers;
      LotKind kind = LotKind.values()[random.nextInt(LotKind.values().length)];
      long now = clock.micros();
      long starts = now - 1 + random.nextLong(20_000_000) * random.nextInt(2);
      long expires = random.nextBoolean() ? Long.MAX_VALUE : starts + 60_000_000;
      GrantCommand command =
          new GrantCommand(
              wallets.get(wallet),
              kind,
              Nanos.of(1 + random.nextLong(1000)),
              starts,
              expires,
              (random.nextBoolean() ? GrantCommand.PURCHASE : "grant:") + lot,
              "a test");
      broughtHere.add(command);
      for (int repeat = random.nextInt(5) == 0 ? 2 : 1; repeat > 0; repeat--) {
        String expected =
            models
                .get(wallet)
                .grant(
                    lot, kind.ordinal(), command.amount().value(), starts, expires, command.ref());
        this.<GrantOutcome>expect(
            command.toString(),
            reply -> rig.ledger.grant(command, reply),
            outcome -> told(lot, outcome),
            expected);
      }
    }

    private String told(int lot, GrantOutcome outcome) {
      return switch (outcome) {
        case GrantOutcome.Granted granted -> {
          lots.put(lot, granted.lot());
          yield "granted";
        }
        case GrantOutcome.GrantedBefore _ -> "before";
        case GrantOutcome.Different different -> different.difference();
        case GrantOutcome.TooMuch _ -> "too much";
        case GrantOutcome.Unavailable no -> no.reason();
      };
    }

    private int anyLot(int wallet, boolean limit) {
      List<Integer> candidates =
          models.get(wallet).lots().stream()
              .filter(lots::containsKey)
              .filter(lot -> !limit || models.get(wallet).isLimit(lot))
              .toList();
      return candidates.isEmpty() ? 0 : candidates.get(random.nextInt(candidates.size()));
    }

    private void resize(int wallet) {
      int lot = anyLot(wallet, false);
      if (lot == 0) {
        return;
      }
      ResizeCommand.Rule rule = ResizeCommand.Rule.values()[random.nextInt(3)];
      boolean closes = rule == ResizeCommand.Rule.SET && random.nextBoolean();
      long size = closes ? 0 : random.nextLong(1200);
      long number = random.nextLong(20);
      ResizeCommand command =
          rule == ResizeCommand.Rule.LATEST
              ? ResizeCommand.inSeries(
                  wallets.get(wallet), lotId(lot), Nanos.of(size), "set:" + lot, number, "a test")
              : new ResizeCommand(
                  wallets.get(wallet),
                  lotId(lot),
                  Nanos.of(size),
                  "resize:" + ++numbers,
                  "a test",
                  rule);
      Model model = models.get(wallet);
      this.<ResizeOutcome>expect(
          command.toString(),
          reply -> rig.ledger.resize(command, reply),
          Play::told,
          switch (rule) {
            case SET -> model.resize(lot, size);
            case RAISE -> model.raise(lot, size);
            case LATEST -> model.latest(lot, size, number);
          });
    }

    private static String told(ResizeOutcome outcome) {
      return switch (outcome) {
        case ResizeOutcome.Resized resized -> "resized " + resized.granted().value();
        case ResizeOutcome.ResizedBefore _ -> "before";
        case ResizeOutcome.Different _ -> "different";
        case ResizeOutcome.TooMuch _, ResizeOutcome.NoSuchLot _, ResizeOutcome.Unavailable _ ->
            outcome.toString();
      };
    }

    private void hold(int wallet) {
      int call = calls.isEmpty() || random.nextInt(6) > 0 ? ++numbers : anyCall();
      if (!makers.computeIfAbsent(call, _ -> rig).equals(rig) && rigs.size() > 1) {
        // A hold is asked of the node that made its id; only ends may come from anywhere.
        return;
      }
      CallId id = calls.computeIfAbsent(call, _ -> rig.newCall());
      int payer = walletOfCall.computeIfAbsent(call, _ -> wallet);
      int limit = random.nextInt(3) == 0 ? anyLot(payer, true) : 0;
      List<Integer> limits = limit == 0 ? List.of() : List.of(limit);
      long least = random.nextLong(200);
      long wish = least + random.nextLong(2) * random.nextLong(300);
      // What is available, of which most is a share, may be remembered from before.
      long most = wish + (rigs.size() > 1 ? 0 : random.nextLong(2) * random.nextLong(900));
      HoldCommand command =
          new HoldCommand(
              id,
              wallets.get(payer),
              limits.stream().map(this::lotId).toList(),
              Nanos.of(least),
              Nanos.of(wish),
              Nanos.of(most),
              Long.MAX_VALUE,
              0,
              "ref");
      this.<HoldOutcome>expect(
          command.toString(),
          reply -> rig.ledger.hold(command, reply),
          outcome -> withoutLeft(told(outcome)),
          withoutLeft(models.get(payer).hold(call, limits, least, wish, most, clock.micros())));
    }

    /// What is left is told from memory, and another node may have changed it.
    private String withoutLeft(String told) {
      return rigs.size() > 1 ? told.replaceFirst("^(held [0-9]+) left .*", "$1") : told;
    }

    private static String told(HoldOutcome outcome) {
      return switch (outcome) {
        case HoldOutcome.Held held ->
            "held " + held.held().value() + " left " + held.left().value();
        case HoldOutcome.Repeated repeated ->
            "repeated "
                + repeated.held().value()
                + " "
                + (repeated.ended() == null ? null : told(repeated.ended()));
        case HoldOutcome.Different _ -> "different";
        case HoldOutcome.RepeatedKey before -> before.toString();
        case HoldOutcome.Refused refused ->
            "refused " + refused.left().value() + " " + refused.limited();
        case HoldOutcome.StillHeld still -> "still held " + still.left().value();
        case HoldOutcome.Overloaded overloaded -> overloaded.toString();
        case HoldOutcome.Unavailable no -> no.reason();
      };
    }

    private static String told(Ending ending) {
      return ending.charge().value() + " " + ending.estimated() + " " + ending.reason();
    }

    private static String told(EndOutcome outcome) {
      return switch (outcome) {
        case EndOutcome.Ended ended -> "ended " + told(ended.ending());
        case EndOutcome.EndedBefore before -> "before " + told(before.ending());
        case EndOutcome.Unknown _ -> "unknown";
        case EndOutcome.Unavailable no -> no.reason();
      };
    }

    private int anyCall() {
      List<Integer> known = new ArrayList<>(calls.keySet());
      return known.get(
          random.nextBoolean()
              ? random.nextInt(known.size())
              : Math.max(0, known.size() - 1 - random.nextInt(10)));
    }

    private CallRef ref(int call) {
      return new CallRef(
          java.util.Objects.requireNonNull(calls.get(call)),
          wallets.get(java.util.Objects.requireNonNull(walletOfCall.get(call))));
    }

    private Model modelOf(int call) {
      return models.get(java.util.Objects.requireNonNull(walletOfCall.get(call)));
    }

    private void mark() {
      if (!calls.isEmpty()) {
        int call = anyCall();
        long charge = random.nextLong(400);
        rig.ledger.mark(ref(call), Nanos.of(charge), Rig.FACTS);
        modelOf(call).mark(call, charge);
      }
    }

    private void settle() {
      if (!calls.isEmpty()) {
        int call = anyCall();
        long charge = random.nextLong(400);
        SettleCommand command =
            new SettleCommand(
                ref(call), Nanos.of(charge), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS);
        this.<EndOutcome>expect(
            "settle " + call + " " + charge,
            reply -> rig.ledger.settle(command, reply),
            Play::told,
            modelOf(call).settle(call, charge));
      }
    }

    private void release() {
      if (!calls.isEmpty()) {
        int call = anyCall();
        this.<EndOutcome>expect(
            "release " + call,
            reply -> rig.ledger.release(ref(call), Nanos.ZERO, "upstream_error", Rig.FACTS, reply),
            Play::told,
            modelOf(call).release(call));
      }
    }

    private void adjust() {
      if (!calls.isEmpty()) {
        int call = anyCall();
        long revision = revisions.merge(call, random.nextLong(3), Long::sum);
        long bill = random.nextLong(500);
        this.<AdjustOutcome>expect(
            "adjust " + call + " " + revision + " " + bill,
            reply -> rig.ledger.adjust(ref(call), revision, Nanos.of(bill), Rig.FACTS, reply),
            Play::told,
            modelOf(call).adjust(call, revision, bill));
      }
    }

    private static String told(AdjustOutcome outcome) {
      return switch (outcome) {
        case AdjustOutcome.Adjusted adjusted ->
            "adjusted " + adjusted.charge().value() + " " + adjusted.loss().value();
        case AdjustOutcome.Stale stale -> "stale " + stale.lastRevision();
        case AdjustOutcome.NotEnded _ -> "not ended";
        case AdjustOutcome.Unavailable no -> no.reason();
      };
    }

    private LotId lotId(int lot) {
      return java.util.Objects.requireNonNull(lots.get(lot));
    }

    private void check() {
      rig.turn();
      for (Expectation one : expectations) {
        assertThat(Rig.await(one.actual()))
            .as("seed %d: %s", seed, one.command())
            .isEqualTo(one.expected());
      }
      expectations.clear();
      for (int wallet = 0; wallet < WALLETS; wallet++) {
        checkLots(wallet);
      }
      rig.assertClean();
    }

    private void checkLots(int wallet) {
      Map<LotId, String> shown = new HashMap<>();
      for (LedgerReads.Lot lot : rig.ledger.lots(wallets.get(wallet))) {
        shown.put(
            lot.id(),
            lot.granted().value()
                + " "
                + lot.pending().value()
                + " "
                + lot.posted().value()
                + " "
                + lot.debt().value());
      }
      for (int lot : models.get(wallet).lots()) {
        assertThat(shown.get(lotId(lot)))
            .as("seed %d: lot %d", seed, lot)
            .isEqualTo(models.get(wallet).lot(lot));
      }
      assertThat(shown).hasSize(models.get(wallet).lots().size());
    }
  }
}
