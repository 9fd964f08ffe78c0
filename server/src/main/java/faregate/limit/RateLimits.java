package faregate.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import faregate.store.Database;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.jdbc.CustomColumnProvider;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.github.bucket4j.postgresql.PostgreSQLSelectForUpdateBasedProxyManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Counts requests in windows of an hour, in each of which all are allowed anew. The first request
/// opens one, and windows follow each other from there, whenever in them the next request comes.
/// Only who made none for a while begins anew with the next: after an hour where counts are kept in
/// memory, after a sweep where they are kept in the database. Thread-safe.
public final class RateLimits {
  /// The window.
  public static final Duration WINDOW = Duration.ofHours(1);

  private static final String TABLE = "rate_bucket";
  private static final int CONNECTIONS_MAX = 4;
  private static final int SWEEP_MAX = 1_000;
  private static final int REMEMBERED_MAX = 1_000_000;

  private final Database database;
  private final LongSupplier nowMicros;
  private final TimeMeter meter;
  private final Cache<String, Bucket> own;

  /// When all may be made anew, in microseconds, of those who have used up a shared bound: whoever
  /// keeps asking costs the database nothing.
  private final Cache<String, Long> spent;

  private final @Nullable PostgreSQLSelectForUpdateBasedProxyManager<String> shared;

  /// @param nowMicros the time that all nodes on the database share
  public RateLimits(Database database, LongSupplier nowMicros) {
    this.database = database;
    this.nowMicros = nowMicros;
    this.meter = new Meter(nowMicros);
    // What was not asked for an hour is full again.
    this.own =
        Caffeine.newBuilder()
            .expireAfterAccess(WINDOW)
            .maximumSize(REMEMBERED_MAX)
            .ticker(meter::currentTimeNanos)
            .executor(Runnable::run)
            .build();
    this.spent = Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();
    this.shared =
        database
            .looseConnections("limits", CONNECTIONS_MAX)
            .map(
                source ->
                    Bucket4jPostgreSQL.selectForUpdateBasedBuilder(source)
                        .primaryKeyMapper(PrimaryKeyMapper.STRING)
                        .table(TABLE)
                        .clientClock(meter)
                        .addCustomColumn(new Expiry())
                        .build())
            .orElse(null);
  }

  /// The time, as the library wants it.
  private record Meter(LongSupplier nowMicros) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return TimeUnit.MICROSECONDS.toNanos(nowMicros.getAsLong());
    }

    @Override
    public boolean isWallClockBased() {
      return true;
    }
  }

  /// When a window is over, by the time that all nodes share: the library would take the machine's.
  private record Expiry() implements CustomColumnProvider<String> {
    @Override
    public void setCustomField(
        String key, int index, PreparedStatement row, RemoteBucketState state, long nowNanos)
        throws SQLException {
      long over = nowNanos + state.calculateFullRefillingTime(nowNanos);
      row.setLong(index, TimeUnit.NANOSECONDS.toMillis(over));
    }

    @Override
    public String getCustomFieldName() {
      return "expires_at";
    }
  }

  /// What became of one request.
  ///
  /// @param allowed whether it may be made
  /// @param perHour the bound
  /// @param left how many more may be made in this window
  /// @param resetSeconds until all may be made anew; 1 at least
  public record Verdict(boolean allowed, long perHour, long left, long resetSeconds) {}

  /// Whether [#take] goes to the database.
  public boolean isBlocking() {
    return shared != null;
  }

  /// Counts one request.
  ///
  /// @param who whose requests are counted together
  /// @param perHour 1 at least
  public Verdict take(String who, long perHour) {
    // Another bound is another count: nobody waits an hour for a bound to be raised.
    String key = who + " " + perHour;
    Long until = spent.getIfPresent(key);
    long now = nowMicros.getAsLong();
    if (until != null && now < until) {
      return new Verdict(false, perHour, 0, seconds((until - now) * 1_000));
    }
    Bucket bucket =
        shared == null
            ? own.get(key, _ -> local(perHour))
            : shared.builder().build(key, () -> configuration(perHour));
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    long nanos =
        probe.isConsumed() ? probe.getNanosToWaitForReset() : probe.getNanosToWaitForRefill();
    if (shared != null && !probe.isConsumed()) {
      spent.put(key, now + nanos / 1_000);
    }
    return new Verdict(probe.isConsumed(), perHour, probe.getRemainingTokens(), seconds(nanos));
  }

  private static long seconds(long nanos) {
    return Math.max(1, (nanos + 999_999_999) / 1_000_000_000);
  }

  /// Forgets counts whose window is over. Blocks; does nothing where they are kept in memory.
  public void sweep() {
    if (shared == null) {
      return;
    }
    long nowMillis = TimeUnit.MICROSECONDS.toMillis(nowMicros.getAsLong());
    int swept;
    do {
      swept = database.write(handle -> RateSql.sweep(handle, nowMillis, SWEEP_MAX));
    } while (swept == SWEEP_MAX);
  }

  private Bucket local(long perHour) {
    return Bucket.builder()
        .withCustomTimePrecision(meter)
        .addLimit(limit -> limit.capacity(perHour).refillIntervally(perHour, WINDOW))
        .build();
  }

  private static BucketConfiguration configuration(long perHour) {
    return BucketConfiguration.builder()
        .addLimit(limit -> limit.capacity(perHour).refillIntervally(perHour, WINDOW))
        .build();
  }
}
