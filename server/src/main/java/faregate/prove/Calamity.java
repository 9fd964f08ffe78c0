package faregate.prove;

import faregate.kit.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Harms gateways, database and clocks, one after the other, by a schedule that follows from the
/// seed; and writes down what it did when.
final class Calamity {
  private static final int FORWARD_MILLIS_MAX = 150_000;
  private static final int BACK_MILLIS_MAX = 20_000;
  private static final int PAUSE_MILLIS_MAX = 2_500;
  private static final int REST_MILLIS_MAX = 800;
  private static final int STOP_BEYOND_DEATH_MILLIS = 3_000;
  private static final int LATE_MILLIS_MIN = 200;
  private static final int LATE_MILLIS_MAX = 2_500;

  /// Of so many kills of gateways comes one of each other kind, and one stop past death.
  private static final int SOME_PART = 4;

  private static final int FEW_PART = 12;

  private static final List<Mishap.Kind> OF_A_SERVER =
      List.of(
          Mishap.Kind.CUT,
          Mishap.Kind.CUT_BATCH,
          Mishap.Kind.LATE_BATCH,
          Mishap.Kind.STALL,
          Mishap.Kind.SLOW_COMMITS);

  private final List<Gateway> gateways;
  private final Site site;
  private final Calendar calendar;
  private final Clock clock;
  private final Consumer<String> progress;
  private final List<Mishap> mishaps = new CopyOnWriteArrayList<>();

  /// @param progress told of each thing that is done
  Calamity(
      List<Gateway> gateways,
      Site site,
      Calendar calendar,
      Clock clock,
      Consumer<String> progress) {
    this.gateways = gateways;
    this.site = site;
    this.calendar = calendar;
    this.clock = clock;
    this.progress = progress;
  }

  /// What is to be done, in order.
  ///
  /// @param kills how many kills of gateways
  /// @param most how many things in all; kills are left out last
  List<Mishap.Kind> schedule(Dice dice, int kills, int most) {
    List<Mishap.Kind> kinds = new ArrayList<>(Collections.nCopies(kills, Mishap.Kind.KILL));
    int some = Math.max(1, kills / SOME_PART);
    kinds.addAll(Collections.nCopies(some, Mishap.Kind.PAUSE));
    kinds.addAll(Collections.nCopies(some, Mishap.Kind.CLOCK));
    site.harm()
        .ifPresent(
            harm -> {
              for (Mishap.Kind kind : OF_A_SERVER) {
                kinds.addAll(Collections.nCopies(some, kind));
              }
              kinds.addAll(Collections.nCopies(Math.max(1, kills / FEW_PART), Mishap.Kind.STOP));
              if (harm.mayKill()) {
                kinds.addAll(Collections.nCopies(some, Mishap.Kind.DATABASE_KILL));
              }
            });
    for (int at = kinds.size() - 1; at > 0; at--) {
      Collections.swap(kinds, at, dice.below(at + 1));
    }
    while (kinds.size() > Math.max(most, kills)) {
      kinds.remove(lastButKills(kinds));
    }
    return kinds;
  }

  private static int lastButKills(List<Mishap.Kind> kinds) {
    int at = kinds.size() - 1;
    while (kinds.get(at) == Mishap.Kind.KILL) {
      at--;
    }
    return at;
  }

  /// Carries a schedule out, spread over a span of time as evenly as the machine allows.
  ///
  /// @throws ProofException when a gateway or the database did not come back
  void strike(List<Mishap.Kind> schedule, Dice dice, long spanMillis) throws InterruptedException {
    long began = clock.nanoTime();
    for (int at = 0; at < schedule.size(); at++) {
      long due = spanMillis * (at + 1) / (schedule.size() + 1) - dice.below(REST_MILLIS_MAX);
      Thread.sleep(Math.max(REST_MILLIS_MAX, due - (clock.nanoTime() - began) / 1_000_000));
      strike(schedule.get(at), dice);
    }
    Thread.sleep(Math.max(0, spanMillis - (clock.nanoTime() - began) / 1_000_000));
  }

  private void strike(Mishap.Kind kind, Dice dice) throws InterruptedException {
    switch (kind) {
      case KILL -> kill(dice);
      case PAUSE -> freeze(kind, dice, 200 + dice.below(PAUSE_MILLIS_MAX));
      case STOP -> freeze(kind, dice, pastDeathMillis(dice));
      case CLOCK -> jump(dice);
      case DATABASE_KILL, CUT, CUT_BATCH, LATE_BATCH, STALL, SLOW_COMMITS ->
          harm(kind, site.harm().orElseThrow(), dice);
    }
  }

  private void kill(Dice dice) throws InterruptedException {
    Gateway gateway = dice.oneOf(gateways);
    long from = clock.nanoTime();
    gateway.kill();
    note(Mishap.Kind.KILL, gateway.number(), from, clock.nanoTime());
    Thread.sleep(dice.below(REST_MILLIS_MAX));
    gateway.start();
  }

  private void freeze(Mishap.Kind kind, Dice dice, long millis) throws InterruptedException {
    Gateway gateway = dice.oneOf(gateways);
    long from = clock.nanoTime();
    gateway.freeze();
    Thread.sleep(millis);
    gateway.thaw();
    note(kind, gateway.number(), from, clock.nanoTime());
  }

  private void jump(Dice dice) {
    long from = clock.nanoTime();
    int millis =
        dice.below(3) == 0
            ? -dice.between(1_000, BACK_MILLIS_MAX)
            : dice.between(1_000, FORWARD_MILLIS_MAX);
    calendar.jump(millis);
    note(Mishap.Kind.CLOCK, Mishap.ALL, from, clock.nanoTime());
  }

  private void harm(Mishap.Kind kind, Site.Harm harm, Dice dice) throws InterruptedException {
    long from = clock.nanoTime();
    Mishap.Kind done = kind;
    switch (kind) {
      case DATABASE_KILL -> harm.kill();
      case CUT_BATCH -> done = cutBatch(kind, harm, 0);
      case LATE_BATCH ->
          done = cutBatch(kind, harm, dice.between(LATE_MILLIS_MIN, LATE_MILLIS_MAX));
      case STALL -> {
        harm.stall(true);
        Thread.sleep(500 + dice.below(PAUSE_MILLIS_MAX));
        harm.stall(false);
      }
      case SLOW_COMMITS -> {
        harm.delay(dice.between(5, 60));
        Thread.sleep(1_000 + dice.below(PAUSE_MILLIS_MAX));
        harm.delay(0);
      }
      default -> harm.cut();
    }
    note(done, Mishap.ALL, from, clock.nanoTime());
  }

  /// Where no batch is seen, connections are cut at any moment instead.
  private static Mishap.Kind cutBatch(Mishap.Kind kind, Site.Harm harm, int lateMillis)
      throws InterruptedException {
    if (harm.cutBatch(lateMillis)) {
      Thread.sleep(lateMillis);
      return kind;
    }
    harm.cut();
    return Mishap.Kind.CUT;
  }

  private int pastDeathMillis(Dice dice) {
    return (int) site.deathMillis() + STOP_BEYOND_DEATH_MILLIS + dice.below(PAUSE_MILLIS_MAX);
  }

  private void note(Mishap.Kind kind, int node, long from, long to) {
    mishaps.add(new Mishap(kind, node, from, to));
    progress.accept((node == Mishap.ALL ? "" : "gateway " + (node + 1) + ": ") + kind.words());
  }

  List<Mishap> mishaps() {
    return List.copyOf(mishaps);
  }
}
