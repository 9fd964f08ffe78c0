package faregate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.ReservedIds;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.usage.ListFeed.Ended;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {
  private static final WalletId WALLET = new WalletId(7);
  private static final long NOON = micros("2026-11-21T12:00:00Z");
  private static final long SECOND = 1_000_000;
  private static final long HOUR = 3600 * SECOND;
  @TempDir Path folder;
  private final ListFeed feed = new ListFeed();
  private Database database;
  private Usage usage;

  @BeforeEach
  void open() {
    database = database(folder);
    usage = new Usage(database, feed);
  }

  /// The database to be tried on.
  Database database(Path temp) {
    return Database.openSqlite(temp.resolve("faregate.db"), Clock.system());
  }

  @AfterEach
  void close() {
    usage.close();
    database.close();
  }

  @Test
  void reportsByOfferAndDay() {
    feed.commit(
        1,
        List.of(
            call(1, NOON, 100, "groq", "a/b", ""),
            call(2, NOON, 50, "together", "a/b", ""),
            call(3, NOON, 0, "groq", "a/b", "")));
    feed.commit(1, List.of(call(4, NOON + 24 * HOUR, 7, "groq", "c/d", "")));

    Report report = usage.report(WALLET, NOON, NOON + 48 * HOUR);

    assertThat(report.totals()).isEqualTo(new Totals(3, 1, 0, Nanos.of(157), 40, 0, 80, 0, 0, 400));
    assertThat(report.offers())
        .extracting(use -> use.provider() + " " + use.model() + " " + use.totals().charge().value())
        .containsExactly("groq a/b 100", "together a/b 50", "groq c/d 7");
    assertThat(report.days())
        .extracting(use -> use.day() + " " + use.totals().charge().value())
        .containsExactly("2026-11-21 150", "2026-11-22 7");
    assertThat(report.days().getFirst().day()).isEqualTo(LocalDate.of(2026, 11, 21));
    assertThat(usage.report(WALLET, 0, Long.MAX_VALUE)).isEqualTo(report);
    assertThat(usage.report(new WalletId(8), 0, Long.MAX_VALUE)).isEqualTo(Report.of(List.of()));
    assertThat(usage.chargedBefore(WALLET, NOON + 24 * HOUR)).isEqualTo(Nanos.of(150));
  }

  /// A part of a day whose calls are gone is told as the whole of it, and the second that names a
  /// day as the end is no part of that.
  @Test
  void aPartOfADayWhoseCallsAreGoneIsTheWholeOfIt() {
    List<Ended> all =
        List.of(
            call(1, NOON, 100, "groq", "a/b", "s"),
            call(2, NOON + 24 * HOUR, 20, "groq", "a/b", "s"),
            call(3, NOON + 48 * HOUR, 3, "groq", "a/b", "s"));
    feed.commit(1, all);
    usage.catchUp();
    long midnight = NOON - 12 * HOUR;
    feed.keepFrom(midnight + 48 * HOUR);
    Map<CallId, WalletId> gone = new HashMap<>();
    all.subList(0, 2).forEach(each -> gone.put(new CallId(each.id()), WALLET));
    boolean done =
        database.write(
            handle -> {
              usage.forget(handle, gone);
              return true;
            });
    assertThat(done).isTrue();
    assertThat(usage.calls(WALLET, Long.MAX_VALUE, 10)).hasSize(1);

    assertThat(charged(NOON - HOUR, NOON + HOUR)).isEqualTo(100);
    assertThat(charged(midnight, midnight + 24 * HOUR)).isEqualTo(100);
    assertThat(charged(midnight, midnight + 24 * HOUR + SECOND)).isEqualTo(100);
    assertThat(charged(midnight, midnight + 25 * HOUR)).isEqualTo(120);
    assertThat(charged(NOON, NOON + 48 * HOUR)).isEqualTo(120);
    assertThat(charged(NOON, NOON + 49 * HOUR)).isEqualTo(123);
    assertThat(charged(NOON + 36 * HOUR, NOON + 49 * HOUR)).isEqualTo(3);
    assertThat(charged(0, Long.MAX_VALUE)).isEqualTo(123);
  }

  private long charged(long from, long to) {
    long charge = usage.report(WALLET, from, to).totals().charge().value();
    assertThat(
            usage.sessions(WALLET, from, to).stream().mapToLong(use -> use.charge().value()).sum())
        .isEqualTo(charge);
    return charge;
  }

  /// Periods that begin and end anywhere, against a plain sum over the calls.
  @Test
  void aPeriodIsExact() {
    long seed = 11;
    Random random = new Random(seed);
    List<Ended> all = new ArrayList<>();
    for (int id = 1; id <= 500; id++) {
      long made = NOON + random.nextLong(5 * 24 * HOUR);
      String model = "m" + random.nextInt(3);
      all.add(call(id, made, random.nextLong(1, 1000), "p", model, "s" + random.nextInt(3)));
    }
    feed.commit(1, all);
    for (int round = 0; round < 200; round++) {
      boolean midnight = random.nextInt(4) == 0;
      long from = NOON + (midnight ? 12 * HOUR : random.nextLong(5 * 24 * HOUR));
      long to = from + random.nextLong(3 * 24 * HOUR);
      long expected =
          all.stream()
              .filter(each -> ReservedIds.madeMicros(each.id()) >= from)
              .filter(each -> ReservedIds.madeMicros(each.id()) < to)
              .mapToLong(Ended::charge)
              .sum();
      assertThat(usage.report(WALLET, from, to).totals().charge().value())
          .as("seed " + seed)
          .isEqualTo(expected);
      assertThat(
              usage.sessions(WALLET, from, to).stream()
                  .mapToLong(use -> use.charge().value())
                  .sum())
          .as("seed " + seed)
          .isEqualTo(expected);
      assertThat(
              usage.sessions(WALLET, from, to).stream()
                  .filter(use -> use.session().equals("s1"))
                  .mapToLong(use -> use.charge().value())
                  .sum())
          .as("seed " + seed)
          .isEqualTo(
              all.stream()
                  .filter(each -> each.session().equals("s1"))
                  .filter(each -> ReservedIds.madeMicros(each.id()) >= from)
                  .filter(each -> ReservedIds.madeMicros(each.id()) < to)
                  .mapToLong(Ended::charge)
                  .sum());
    }
  }

  @Test
  void sessionsAreSummedByMonthAndVoidsAreNoRequests() {
    long december = micros("2026-12-01T00:00:00Z");
    feed.commit(
        1,
        List.of(
            call(1, NOON, 5, "p", "m", "s1"),
            call(2, NOON + 30 * HOUR, 6, "p", "m", "s1"),
            call(3, NOON, 1, "p", "m", ""),
            call(4, NOON, 0, "p", "m", "void"),
            call(5, december, 9, "p", "m", "s1")));
    assertThat(usage.sessions(WALLET, NOON, december + HOUR))
        .containsExactlyInAnyOrder(
            new SessionUse(YearMonth.of(2026, 11), "", 1, Nanos.of(1)),
            new SessionUse(YearMonth.of(2026, 11), "s1", 2, Nanos.of(11)),
            new SessionUse(YearMonth.of(2026, 12), "s1", 1, Nanos.of(9)));
  }

  /// Whoever makes up a session for each call that costs nothing leaves no row for it.
  @Test
  void aVoidLeavesNoSessionBehind() {
    feed.commit(
        1,
        List.of(
            call(1, NOON, 0, "p", "m", "void"),
            call(2, NOON, 0, "p", "m", "late"),
            call(3, NOON, 5, "p", "m", "taken back")));
    usage.catchUp();
    assertThat(sessionRows()).containsExactly("taken back 1 5");
    feed.commit(
        1, List.of(call(2, NOON, 7, "p", "m", "late"), call(3, NOON, 0, "p", "m", "taken back")));
    usage.catchUp();
    assertThat(sessionRows()).containsExactlyInAnyOrder("late 1 7", "taken back 0 0");
    assertThat(usage.sessions(WALLET, 0, Long.MAX_VALUE))
        .containsExactly(new SessionUse(YearMonth.of(2026, 11), "late", 1, Nanos.of(7)));
    assertThat(usage.sessions(WALLET, NOON, NOON + HOUR))
        .containsExactly(new SessionUse(YearMonth.of(2026, 11), "late", 1, Nanos.of(7)));
  }

  private List<String> sessionRows() {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT session, requests, charge FROM usage_session")
                .map((row, _) -> row.getString(1) + " " + row.getLong(2) + " " + row.getLong(3))
                .list());
  }

  @Test
  void theDearestSessionsAreToldAndTheOthersTogether() {
    long december = micros("2026-12-01T00:00:00Z");
    feed.commit(
        1,
        List.of(
            call(1, NOON, 5, "p", "m", "a"),
            call(2, NOON + 24 * HOUR, 6, "p", "m", "a"),
            call(3, NOON, 10, "p", "m", "b"),
            call(4, NOON + 48 * HOUR, 9, "p", "m", "c"),
            call(5, NOON + 48 * HOUR, 1, "p", "m", ""),
            call(6, december + HOUR, 2, "p", "m", "c"),
            call(7, december + HOUR, 1, "p", "m", "d")));
    YearMonth november = YearMonth.of(2026, 11);
    List<SessionUse> expected =
        List.of(
            new SessionUse(november, "", 2, Nanos.of(10)),
            new SessionUse(november, "a", 2, Nanos.of(11)),
            new SessionUse(november, "b", 1, Nanos.of(10)),
            new SessionUse(YearMonth.of(2026, 12), "c", 1, Nanos.of(2)),
            new SessionUse(YearMonth.of(2026, 12), "d", 1, Nanos.of(1)));
    assertThat(usage.sessions(WALLET, 0, Long.MAX_VALUE, 2)).isEqualTo(expected);
    assertThat(usage.sessions(WALLET, NOON, december + 2 * HOUR, 2))
        .as("its first and last day from single calls")
        .isEqualTo(expected);
  }

  @Test
  void theNewestCallsComeFirst() {
    Ended last = call(3, NOON + HOUR, 7, "p", "m", "s");
    feed.commit(1, List.of(call(1, NOON, 5, "p", "m", "s"), call(2, NOON, 6, "p", "m", "s"), last));
    assertThat(usage.calls(WALLET, NOON + HOUR, 10))
        .extracting(line -> line.charge().value())
        .containsExactly(6L, 5L);
    CallLine newest = usage.calls(WALLET, Long.MAX_VALUE, 1).getFirst();
    assertThat(newest.id()).isEqualTo(new CallId(last.id()));
    assertThat(newest.madeMicros()).isEqualTo(NOON + HOUR);
    assertThat(newest.outputTokens()).isEqualTo(20);
  }

  /// Ids commit out of order, several writers at once, two processes that follow them.
  @Test
  void missesNoCallAndCountsNoneTwiceWhileWritersWrite() {
    AtomicInteger ids = new AtomicInteger();
    List<CompletableFuture<Long>> writers = new ArrayList<>();
    for (int writer = 1; writer <= 3; writer++) {
      long fence = writer;
      writers.add(CompletableFuture.supplyAsync(() -> write(fence, ids)));
    }
    try (Usage other = new Usage(database, feed)) {
      while (writers.stream().anyMatch(each -> !each.isDone())) {
        CompletableFuture<Void> both = CompletableFuture.runAsync(other::catchUp);
        usage.catchUp();
        both.join();
      }
    }
    long expected = writers.stream().mapToLong(CompletableFuture::join).sum();
    Report report = usage.report(WALLET, NOON, NOON + 24 * HOUR);
    assertThat(report.totals().charge().value()).isEqualTo(expected);
    assertThat(report.totals().requests()).isEqualTo(ids.get());
  }

  private long write(long fence, AtomicInteger ids) {
    Random random = new Random(fence);
    long sum = 0;
    for (int batch = 0; batch < 12; batch++) {
      List<Ended> calls = new ArrayList<>();
      for (int each = 1 + random.nextInt(500); each > 0; each--) {
        long charge = random.nextLong(1, 100);
        sum += charge;
        calls.add(call(ids.incrementAndGet(), NOON + each * SECOND, charge, "p", "m", ""));
      }
      feed.commit(fence, calls);
    }
    return sum;
  }

  /// The transaction fails after the position and the rows were written and before the commit, as a
  /// crash would have it.
  @Test
  void aCrashBetweenThePositionAndTheRowsCountsNothingTwice() {
    feed.commit(1, List.of(call(1, NOON, 5, "p", "m", "s"), call(2, NOON, 6, "p", "m", "s")));
    List<CallLine> lines = feed.after(1, 0, 10).stream().map(CallLine::of).toList();
    assertThatThrownBy(
            () ->
                database.write(
                    handle -> {
                      assertThat(FoldSql.fold(handle, 1, 0, 1, lines)).isTrue();
                      throw new IllegalStateException("killed");
                    }))
        .hasMessage("killed");
    assertThat(usage.report(WALLET, 0, Long.MAX_VALUE).totals().charge()).isEqualTo(Nanos.of(11));

    boolean again = database.write(handle -> FoldSql.fold(handle, 1, 0, 1, lines));
    assertThat(again).as("taken in by somebody else meanwhile").isFalse();
    assertThat(usage.report(WALLET, 0, Long.MAX_VALUE).totals().requests()).isEqualTo(2);
  }

  @Test
  void goesOnWhereItWasAfterARestart() {
    feed.commit(1, List.of(call(1, NOON, 5, "p", "m", "s")));
    usage.catchUp();
    feed.commit(1, List.of(call(2, NOON, 6, "p", "m", "s")));
    usage.close();
    usage = new Usage(database, feed);
    assertThat(usage.report(WALLET, 0, Long.MAX_VALUE).totals().charge()).isEqualTo(Nanos.of(11));
  }

  /// A late bill changes a charge, before or after it was taken in.
  @Test
  void aCallThatIsToldAgainCountsAsItIsNow() {
    feed.commit(1, List.of(call(1, NOON, 50, "p", "m", "s"), call(2, NOON, 60, "p", "m", "s")));
    feed.commit(1, List.of(call(2, NOON, 10, "p", "m", "s")));
    usage.catchUp();
    feed.commit(1, List.of(call(3, NOON, 1, "p", "m", "s"), call(1, NOON, 20, "q", "m", "t")));

    Report report = usage.report(WALLET, 0, Long.MAX_VALUE);
    assertThat(report.totals()).isEqualTo(new Totals(3, 0, 0, Nanos.of(31), 30, 0, 60, 0, 0, 300));
    assertThat(report.offers())
        .extracting(use -> use.provider() + " " + use.totals().charge().value())
        .containsExactly("q 20", "p 11");
    assertThat(usage.sessions(WALLET, 0, Long.MAX_VALUE))
        .extracting(use -> use.session() + " " + use.requests() + " " + use.charge().value())
        .containsExactlyInAnyOrder("s 2 11", "t 1 20");
    assertThat(usage.calls(WALLET, Long.MAX_VALUE, 9))
        .extracting(line -> line.charge().value())
        .containsExactlyInAnyOrder(20L, 10L, 1L);
  }

  @Test
  void whatWasSpentIsToldByWhoSpentIt() {
    Spender ann = new Spender(11, 0, 1);
    Spender annInLab = new Spender(11, 500, 1);
    Spender bob = new Spender(12, 0, 2);
    feed.commit(
        1,
        List.of(
            call(1, NOON, 5, "p", "m", "s").by(ann),
            call(2, NOON, 7, "p", "m", "s").by(annInLab),
            call(3, NOON + 24 * HOUR, 11, "p", "m", "s").by(bob),
            call(4, NOON + 24 * HOUR, 13, "p", "m", "s").by(ann)));
    usage.catchUp();
    feed.commit(1, List.of(call(4, NOON + 24 * HOUR, 1, "p", "m", "s").by(ann)));
    List<String> all =
        List.of("21 11/0/1 1 5", "21 11/500/1 1 7", "22 12/0/2 1 11", "22 11/0/1 1 1");
    assertThat(spent(0, Long.MAX_VALUE)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(spent(NOON, NOON + 1)).containsExactlyInAnyOrderElementsOf(all.subList(0, 2));
    assertThat(spent(NOON + 1, NOON + 24 * HOUR + 1))
        .containsExactlyInAnyOrderElementsOf(all.subList(2, 4));
    assertThat(usage.calls(WALLET, new UserId(11), Long.MAX_VALUE, 9))
        .extracting(line -> line.spender() + " " + line.charge().value())
        .containsExactly(ann + " 1", annInLab + " 7", ann + " 5");
  }

  private List<String> spent(long from, long to) {
    return usage.spenders(WALLET, from, to).stream()
        .map(
            use ->
                "%d %d/%d/%d %d %d"
                    .formatted(
                        use.day().getDayOfMonth(),
                        use.spender().account(),
                        use.spender().group(),
                        use.spender().token(),
                        use.requests(),
                        use.charge().value()))
        .toList();
  }

  /// Money is never left out, whatever became of the facts.
  @Test
  void aCallWithoutReadableFactsIsCountedAllTheSame() {
    CallId id = new CallId(call(1, NOON, 5, "p", "m", "s").id());
    for (byte[] facts : List.of(new byte[0], new byte[] {1, 2}, new byte[] {99})) {
      EndedCall call = new EndedCall(id, WALLET, Nanos.of(5), true, "posted", facts, 1, 1);
      assertThat(CallLine.of(call).totals())
          .isEqualTo(new Totals(1, 0, 1, Nanos.of(5), 0, 0, 0, 0, 0, 0));
      assertThat(CallLine.of(call).provider()).isEmpty();
    }
  }

  @Test
  void catchesUpByItself() {
    usage.start();
    feed.commit(1, List.of(call(1, NOON, 5, "p", "m", "s")));
    await()
        .until(
            () ->
                database.read(handle -> CallSql.newest(handle, WALLET, Long.MAX_VALUE, 9)).size()
                    == 1);
  }

  /// A call whose id tells that it was made at a moment, the `number`th of all.
  private static Ended call(
      long number, long madeMicros, long charge, String provider, String model, String session) {
    long first = 1L << 40;
    long millis = (madeMicros - ReservedIds.madeMicros(first)) / 1000;
    long id = first + (millis << 22) + number;
    return new Ended(id, WALLET.value(), charge, provider, model, session, new Spender(0, 0, 1));
  }

  private static long micros(String instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }
}
