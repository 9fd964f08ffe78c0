package faregate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.usage.ListFeed.Ended;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
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
  private static final long HOUR = 3_600_000_000L;
  @TempDir Path folder;
  private final ListFeed feed = new ListFeed();
  private Database database;
  private Usage usage;

  @BeforeEach
  void open() {
    database = Database.openSqlite(folder.resolve("faregate.db"), Clock.system());
    usage = new Usage(database, feed);
  }

  @AfterEach
  void close() {
    usage.close();
    database.close();
  }

  @Test
  void reportsByOfferAndDay() {
    feed.commit(
        "1",
        List.of(
            call(1, NOON, 100, "groq", "a/b", ""),
            call(2, NOON + 1, 50, "together", "a/b", ""),
            call(3, NOON + 2, 0, "groq", "a/b", "")));
    feed.commit("1", List.of(call(4, NOON + 24 * HOUR, 7, "groq", "c/d", "")));

    Report report = usage.report(WALLET, NOON, NOON + 48 * HOUR);

    assertThat(report.totals()).isEqualTo(new Totals(3, 1, 0, Nanos.of(157), 40, 0, 80, 400));
    assertThat(report.offers())
        .extracting(use -> use.provider() + " " + use.model() + " " + use.totals().charge().value())
        .containsExactly("groq a/b 100", "together a/b 50", "groq c/d 7");
    assertThat(report.days())
        .extracting(use -> use.day() + " " + use.totals().charge().value())
        .containsExactly("2026-11-21 150", "2026-11-22 7");
    assertThat(report.days().getFirst().day()).isEqualTo(LocalDate.of(2026, 11, 21));
    assertThat(usage.report(new WalletId(8), NOON, NOON + HOUR)).isEqualTo(Report.of(List.of()));
    assertThat(usage.chargedBefore(WALLET, NOON + 24 * HOUR)).isEqualTo(Nanos.of(150));
  }

  /// Periods that begin and end anywhere, against a plain sum over the calls.
  @Test
  void aPeriodIsExactToTheMicrosecond() {
    long seed = 11;
    Random random = new Random(seed);
    List<Ended> all = new ArrayList<>();
    for (int id = 1; id <= 500; id++) {
      all.add(
          call(
              id,
              NOON + random.nextLong(5 * 24 * HOUR),
              1 + random.nextInt(1000),
              "p",
              "m" + random.nextInt(3),
              "s" + random.nextInt(3)));
    }
    feed.commit("1", all);
    for (int round = 0; round < 200; round++) {
      long from = random.nextInt(4) == 0 ? NOON + 12 * HOUR : NOON + random.nextLong(5 * 24 * HOUR);
      long to = from + random.nextLong(3 * 24 * HOUR);
      long expected =
          all.stream()
              .filter(each -> each.heldMicros() >= from && each.heldMicros() < to)
              .mapToLong(Ended::charge)
              .sum();
      assertThat(usage.report(WALLET, from, to).totals().charge().value())
          .as("seed " + seed)
          .isEqualTo(expected);
      assertThat(
              usage.sessions(WALLET, from, to).stream()
                  .mapToLong(use -> use.charge().value())
                  .sum())
          .isEqualTo(expected);
    }
  }

  @Test
  void sessionsAreSummedByMonthAndVoidsAreNoRequests() {
    long december = micros("2026-12-01T00:00:00Z");
    feed.commit(
        "1",
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

  @Test
  void theNewestCallsComeFirst() {
    feed.commit(
        "1",
        List.of(
            call(1, NOON, 5, "p", "m", "s"),
            call(2, NOON, 6, "p", "m", "s"),
            call(3, NOON + HOUR, 7, "p", "m", "s")));
    assertThat(usage.calls(WALLET, NOON + HOUR, 10))
        .extracting(CallLine::id)
        .containsExactly(new CallId(2), new CallId(1));
    assertThat(usage.calls(WALLET, Long.MAX_VALUE, 1))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.id()).isEqualTo(new CallId(3));
              assertThat(line.charge()).isEqualTo(Nanos.of(7));
              assertThat(line.outputTokens()).isEqualTo(20);
            });
  }

  /// Ids commit out of order, several writers at once, batches larger than what is taken at a time.
  @Test
  void missesNoCallAndCountsNoneTwiceWhileWritersWrite() {
    AtomicInteger ids = new AtomicInteger();
    List<CompletableFuture<Long>> writers = new ArrayList<>();
    for (int writer = 0; writer < 3; writer++) {
      String fence = "w" + writer;
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

  private long write(String fence, AtomicInteger ids) {
    Random random = new Random(fence.hashCode());
    long sum = 0;
    for (int batch = 0; batch < 12; batch++) {
      List<Ended> calls = new ArrayList<>();
      for (int each = 1 + random.nextInt(500); each > 0; each--) {
        long charge = random.nextLong(1, 100);
        sum += charge;
        calls.add(call(ids.incrementAndGet(), NOON + each, charge, "p", "m", ""));
      }
      feed.commit(fence, calls);
    }
    return sum;
  }

  /// The transaction fails after the position and the rows were written and before the commit, as a
  /// crash would have it.
  @Test
  void aCrashBetweenThePositionAndTheRowsCountsNothingTwice() {
    feed.commit("1", List.of(call(1, NOON, 5, "p", "m", "s"), call(2, NOON, 6, "p", "m", "s")));
    List<EndedCall> calls = feed.after("1", Feed.Position.START, 10);
    List<CallLine> lines = calls.stream().map(CallLine::of).toList();
    Feed.Position to = new Feed.Position(1, 2);
    assertThatThrownBy(
            () ->
                database.write(
                    handle -> {
                      assertThat(FoldSql.fold(handle, "1", Feed.Position.START, to, lines))
                          .isTrue();
                      throw new IllegalStateException("killed");
                    }))
        .hasMessage("killed");
    assertThat(usage.report(WALLET, 0, NOON + HOUR).totals().charge()).isEqualTo(Nanos.of(11));

    boolean again =
        database.write(handle -> FoldSql.fold(handle, "1", Feed.Position.START, to, lines));
    assertThat(again).as("taken in by somebody else meanwhile").isFalse();
    assertThat(usage.report(WALLET, 0, NOON + HOUR).totals().requests()).isEqualTo(2);
  }

  @Test
  void goesOnWhereItWasAfterARestart() {
    feed.commit("1", List.of(call(1, NOON, 5, "p", "m", "s")));
    usage.catchUp();
    feed.commit("1", List.of(call(2, NOON, 6, "p", "m", "s")));
    usage.close();
    usage = new Usage(database, feed);
    assertThat(usage.report(WALLET, 0, NOON + HOUR).totals().charge()).isEqualTo(Nanos.of(11));
  }

  /// Money is never left out, whatever became of the facts.
  @Test
  void aCallWithoutReadableFactsIsCountedAllTheSame() {
    EndedCall whole = call(1, NOON, 5, "p", "m", "s").call("1", 1);
    for (byte[] facts : List.of(new byte[0], new byte[] {1, 2}, new byte[] {99})) {
      CallLine line =
          CallLine.of(
              new EndedCall(whole.id(), WALLET, NOON, Nanos.of(5), true, "posted", facts, "1", 1));
      assertThat(line.totals()).isEqualTo(new Totals(1, 0, 1, Nanos.of(5), 0, 0, 0, 0));
      assertThat(line.provider()).isEmpty();
    }
  }

  @Test
  void catchesUpByItself() {
    usage.start();
    feed.commit("1", List.of(call(1, NOON, 5, "p", "m", "s")));
    org.awaitility.Awaitility.await()
        .until(
            () ->
                database.read(handle -> ReportSql.calls(handle, WALLET, Long.MAX_VALUE, 9)).size()
                    == 1);
  }

  private static Ended call(
      long id, long heldMicros, long charge, String provider, String model, String session) {
    return new Ended(id, WALLET.value(), heldMicros, charge, provider, model, session);
  }

  private static long micros(String instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }
}
