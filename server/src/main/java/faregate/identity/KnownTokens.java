package faregate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import faregate.id.UserId;
import faregate.kit.Clock;
import faregate.store.Database;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tokens in memory, and the one thread that keeps them true.
///
/// Think of rounds. In each, the thread reads the number of the last change; if it moved, it drops
/// what changed behind the number it knew; then it loads what is being waited for, and answers. A
/// round runs every quarter of a second and whenever somebody waits, and all who wait by then share
/// it. Memory answers alone only while the last round began less than 0.9 s ago: so a revocation is
/// felt within a second by every process on the database, however slow that database is.
///
/// Somebody who sends made-up tokens costs one tiny read per round, whatever their number: the
/// beginnings of all digests are in memory, and what is not among them is not looked up. Nothing is
/// kept of such a token, so nothing grows.
final class KnownTokens implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KnownTokens.class);
  private static final long ROUND_MILLIS = 250;
  private static final long FRESH_NANOS_MAX = 900_000_000;
  private static final long WAIT_SECONDS_MAX = 3;
  private static final int WAITING_MAX = 10_000;
  private static final int TOGETHER_MAX = 500;
  private static final int TOKENS_MAX = 100_000;

  private final Database database;
  private final Clock clock;
  private final TokenUses uses;
  private final Cache<TokenDigest, KnownToken> tokens =
      Caffeine.newBuilder().maximumSize(TOKENS_MAX).build();
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>(WAITING_MAX);
  private final Thread thread =
      Thread.ofPlatform().name("faregate-identity").daemon(true).unstarted(this::work);

  /// Only the rounds touch these two, one after the other.
  private final DigestSet digests = new DigestSet();

  private long lastChange = -1;

  private volatile long freshNanos;
  private volatile boolean closing;
  private boolean failing;

  /// Somebody who waits for the next round; without a digest, only for its end.
  private record Waiting(@Nullable TokenDigest digest, CompletableFuture<LookUp> answer) {}

  KnownTokens(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.uses = new TokenUses(database, clock);
    this.freshNanos = clock.nanoTime() - FRESH_NANOS_MAX - 1;
    thread.start();
  }

  /// What memory knows; null when a round is needed. Never blocks.
  @Nullable LookUp known(TokenDigest digest) {
    if (clock.nanoTime() - freshNanos > FRESH_NANOS_MAX) {
      return null;
    }
    KnownToken token = tokens.getIfPresent(digest);
    return token == null ? null : answer(token);
  }

  /// Empty while look-ups are answered; else since when they are not.
  String trouble() {
    long seconds = (clock.nanoTime() - freshNanos) / 1_000_000_000;
    return seconds < WAIT_SECONDS_MAX
        ? ""
        : "tokens cannot be looked up: the database did not answer for %d seconds"
            .formatted(seconds);
  }

  /// What the database knows after now. Completed on this class's thread.
  CompletableFuture<LookUp> lookUp(@Nullable TokenDigest digest) {
    Waiting waiting = new Waiting(digest, new CompletableFuture<>());
    if (closing || !queue.offer(waiting)) {
      waiting.answer().complete(new LookUp.Unavailable("too many token look-ups wait"));
    }
    return waiting
        .answer()
        .completeOnTimeout(
            new LookUp.Unavailable("the database did not answer a token look-up"),
            WAIT_SECONDS_MAX,
            TimeUnit.SECONDS);
  }

  /// Waits until this process knows of everything that was changed before now.
  void catchUp() {
    lookUp(null).join();
  }

  private LookUp answer(KnownToken token) {
    long now = clock.micros();
    LookUp answer = token.judge(now);
    if (answer instanceof LookUp.Known) {
      uses.note(token, now);
    }
    return answer;
  }

  private void work() {
    List<Waiting> waiting = new ArrayList<>();
    while (!closing) {
      waiting.clear();
      gather(waiting);
      round(waiting);
      uses.storeWhenDue();
    }
    queue.drainTo(waiting);
    fail(waiting, "the server is stopping");
  }

  private void gather(List<Waiting> waiting) {
    try {
      Waiting first = queue.poll(ROUND_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) {
        waiting.add(first);
        queue.drainTo(waiting, TOGETHER_MAX - 1);
      }
    } catch (InterruptedException _) {
      closing = true;
    }
  }

  private void round(List<Waiting> waiting) {
    long began = clock.nanoTime();
    Map<TokenDigest, KnownToken> found;
    try {
      found = database.readQuickly(handle -> read(handle, waiting));
    } catch (RuntimeException | Error e) {
      if (!failing) {
        LOG.warn("token look-ups have to wait: the database does not answer", e);
      }
      failing = true;
      fail(waiting, "the database does not answer");
      return;
    }
    failing = false;
    freshNanos = began;
    for (Waiting each : waiting) {
      KnownToken token = each.digest() == null ? null : found.get(each.digest());
      each.answer().complete(token == null ? LookUp.UNKNOWN : answer(token));
    }
  }

  private static void fail(List<Waiting> waiting, String reason) {
    waiting.forEach(each -> each.answer().complete(new LookUp.Unavailable(reason)));
  }

  private Map<TokenDigest, KnownToken> read(Handle handle, List<Waiting> waiting) {
    follow(handle);
    Map<TokenDigest, KnownToken> found = new HashMap<>();
    Set<TokenDigest> missing = new HashSet<>();
    for (Waiting each : waiting) {
      if (each.digest() != null) {
        KnownToken token = tokens.getIfPresent(each.digest());
        if (token != null) {
          found.put(each.digest(), token);
        } else if (digests.mayContain(each.digest())) {
          missing.add(each.digest());
        }
      }
    }
    if (!missing.isEmpty()) {
      found.putAll(load(handle, missing));
    }
    return found;
  }

  private Map<TokenDigest, KnownToken> load(Handle handle, Collection<TokenDigest> missing) {
    Map<TokenDigest, KnownToken> loaded = new HashMap<>();
    for (TokenRow row : IdentitySql.tokens(handle, missing)) {
      loaded.put(row.digest(), new KnownToken(row, row.caller(handle)));
    }
    tokens.putAll(loaded);
    return loaded;
  }

  /// Drops what changed since the last round.
  private void follow(Handle handle) {
    long number = IdentitySql.lastChange(handle);
    if (number == lastChange) {
      return;
    }
    IdentitySql.digestsChangedAfter(
        handle,
        lastChange,
        digest -> {
          digests.add(digest);
          tokens.invalidate(digest);
        });
    Set<UserId> changed = new HashSet<>(IdentitySql.usersChangedAfter(handle, lastChange));
    tokens.asMap().values().removeIf(token -> changed.contains(token.token().user()));
    lastChange = number;
  }

  /// Ends the thread and stores when tokens were last used.
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    uses.close();
  }
}
