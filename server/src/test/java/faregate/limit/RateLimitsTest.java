package faregate.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.limit.RateLimits.Verdict;
import faregate.store.Database;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Counting, in memory and on a database that nodes share.
class RateLimitsTest {
  private static final long HOUR_SECONDS = 3_600;
  @TempDir private Path folder;
  private final AtomicLong passedSeconds = new AtomicLong();

  private long nowMicros() {
    return 1_800_000_000_000_000L + passedSeconds.get() * 1_000_000;
  }

  private Database sqlite() {
    return Database.openSqlite(folder.resolve("limits.db"), Clock.system());
  }

  @Test
  void soManyAnHourAndNotOneMore() {
    try (Database database = sqlite()) {
      RateLimits limits = new RateLimits(database, this::nowMicros);
      assertThat(limits.isBlocking()).isFalse();
      soMany(limits);
    }
  }

  @Test
  void soManyAnHourOnASharedDatabaseToo() {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Database database =
        Database.openPostgres(settings, Clock.system(), RandomSource.secure())) {
      RateLimits limits = new RateLimits(database, this::nowMicros);
      assertThat(limits.isBlocking()).isTrue();
      soMany(limits);
      assertThat(rows(database)).isEqualTo(3);
      limits.sweep();
      assertThat(rows(database)).as("windows that live").isEqualTo(3);
      assertThat(limits.take("a", 3))
          .as("its window lives")
          .isEqualTo(new Verdict(true, 3, 1, HOUR_SECONDS));
      passedSeconds.addAndGet(3 * HOUR_SECONDS);
      limits.sweep();
      assertThat(rows(database)).isZero();
      assertThat(limits.take("a", 3)).isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS));
    }
  }

  private static long rows(Database database) {
    return database.read(
        handle -> handle.createQuery("SELECT count(*) FROM rate_bucket").mapTo(Long.class).one());
  }

  private void soMany(RateLimits limits) {
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS));
    passedSeconds.addAndGet(600);
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(true, 3, 1, HOUR_SECONDS - 600));
    assertThat(limits.take("a", 3).allowed()).isTrue();
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(false, 3, 0, HOUR_SECONDS - 600));
    assertThat(limits.take("b", 3).allowed()).as("somebody else").isTrue();
    assertThat(limits.take("a", 4).allowed()).as("a bound that was raised").isTrue();
    passedSeconds.addAndGet(HOUR_SECONDS - 601);
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(false, 3, 0, 1));
    passedSeconds.addAndGet(1);
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS));
  }

  @Test
  void hoursFollowEachOtherFromTheFirstCallOn() {
    try (Database database = sqlite()) {
      RateLimits limits = new RateLimits(database, this::nowMicros);
      followEachOther(limits);
      passedSeconds.addAndGet(HOUR_SECONDS + 60);
      assertThat(limits.take("a", 3))
          .as("none for a while")
          .isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS));
    }
  }

  @Test
  void hoursFollowEachOtherOnASharedDatabaseToo() {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Database database = PostgresServers.open(settings)) {
      RateLimits limits = new RateLimits(database, this::nowMicros);
      followEachOther(limits);
      passedSeconds.addAndGet(HOUR_SECONDS + 60);
      limits.sweep();
      assertThat(limits.take("a", 3))
          .as("none for a while, and swept")
          .isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS));
    }
  }

  private void followEachOther(RateLimits limits) {
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS));
    passedSeconds.addAndGet(3_000);
    assertThat(limits.take("a", 3)).isEqualTo(new Verdict(true, 3, 1, HOUR_SECONDS - 3_000));
    passedSeconds.addAndGet(1_800);
    assertThat(limits.take("a", 3))
        .as("1,200 s into the second hour")
        .isEqualTo(new Verdict(true, 3, 2, HOUR_SECONDS - 1_200));
  }

  @Test
  void manyAtOnceGetExactlySoMany() throws Exception {
    try (Database database = sqlite()) {
      assertThat(allowed(List.of(new RateLimits(database, this::nowMicros)))).isEqualTo(10);
    }
  }

  @Test
  void nodesCountTogether() throws Exception {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Database here = Database.openPostgres(settings, Clock.system(), RandomSource.secure());
        Database there = Database.openPostgres(settings, Clock.system(), RandomSource.secure())) {
      assertThat(
              allowed(
                  List.of(
                      new RateLimits(here, this::nowMicros),
                      new RateLimits(there, this::nowMicros))))
          .isEqualTo(10);
    }
  }

  /// Of a hundred requests at once, under a bound of ten.
  private static long allowed(List<RateLimits> nodes) throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> requests =
          IntStream.range(0, 100)
              .<Callable<Boolean>>mapToObj(
                  each -> () -> nodes.get(each % nodes.size()).take("a", 10).allowed())
              .toList();
      long allowed = 0;
      for (Future<Boolean> answer : callers.invokeAll(requests)) {
        allowed += answer.get() ? 1 : 0;
      }
      return allowed;
    }
  }

  @Test
  void rulesAreFoundByProviderAndTier() {
    RateRule.Table rules =
        new RateRule.Table(
            List.of(
                new RateRule("hf-inference", "free", 300),
                new RateRule("slow", null, 60),
                new RateRule("slow", "pro", 0)));
    assertThat(rules.perHour("hf-inference", "free")).isEqualTo(300);
    assertThat(rules.perHour("hf-inference", "pro")).isZero();
    assertThat(rules.perHour("slow", "team")).isEqualTo(60);
    assertThat(rules.perHour("slow", "pro")).isZero();
    assertThat(rules.perHour("groq", "free")).isZero();
    assertThatThrownBy(() -> new RateRule("slow", null, -1)).hasMessageContaining("-1");
  }
}
