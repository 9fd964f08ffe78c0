package faregate.identity;

import faregate.id.TokenId;
import faregate.kit.Clock;
import faregate.store.Database;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// On which day each token was last used: gathered in memory, written now and then. It is there for
/// people who tidy up, so that a crash may lose the last half minute of it.
final class TokenUses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TokenUses.class);
  private static final long MICROS_A_DAY = TimeUnit.DAYS.toMicros(1);
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Database database;
  private final Clock clock;
  private final Set<TokenId> used = ConcurrentHashMap.newKeySet();
  private long storedNanos;

  TokenUses(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.storedNanos = clock.nanoTime();
  }

  /// Notes a use. Any thread; cheap.
  void note(KnownToken token, long nowMicros) {
    if (token.isFirstUseOf(nowMicros / MICROS_A_DAY)) {
      used.add(token.token().id());
    }
  }

  /// Called in each round. Does not wait for the write thread: look-ups must go on.
  void storeWhenDue() {
    if (!used.isEmpty() && clock.nanoTime() - storedNanos > EVERY_NANOS) {
      var _ = store();
    }
  }

  private CompletableFuture<Boolean> store() {
    storedNanos = clock.nanoTime();
    // In order, so that nodes which write the same rows wait for each other in one direction.
    List<TokenId> tokens = used.stream().sorted(Comparator.comparingLong(TokenId::value)).toList();
    tokens.forEach(used::remove);
    long day = clock.micros() / MICROS_A_DAY;
    return database
        .writeLater(
            handle -> {
              IdentitySql.setUsedDay(handle, tokens, day);
              return true;
            })
        .exceptionally(
            failure -> {
              LOG.warn("could not store when {} tokens were last used", tokens.size(), failure);
              return false;
            });
  }

  @Override
  public void close() {
    if (!used.isEmpty()) {
      store().join();
    }
  }
}
