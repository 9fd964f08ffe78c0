package faregate.secret;

import faregate.id.UserId;
import faregate.kit.Clock;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.secret.ProviderKeySql.Row;
import faregate.store.Database;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys that accounts have of their own for providers.
///
/// A change is felt by this process before it returns, and by other nodes within a second. Where
/// that is not certain, since what others announced could not be read for a while, nobody's key is
/// used: it may have been deleted. Nor is somebody else's money: what is there and cannot be used
/// is unreadable, and a call that wants it is refused. Thread-safe; everything but [#of] blocks.
public final class ProviderKeys {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderKeys.class);
  private static final String TOPIC = "provider_key";
  private static final int LENGTH_MAX = 4_096;
  private static final long RETRY_MILLIS = 250;
  private static final long FRESH_NANOS_MAX = 900_000_000;

  private final Database database;
  private final Keyset keyset;
  private final Clock clock;
  private final ReentrantLock reloading = new ReentrantLock();
  private Map<Long, Secret> opened = Map.of();
  private volatile Map<UserId, OwnKeys> byAccount = Map.of();
  private volatile @Nullable SettingsException keysetMissing;

  /// Up to when this process knew of everything, while a notice is not followed yet.
  private volatile @Nullable Long behindNanos;

  private int notices;

  /// Knows no key before [#open].
  public ProviderKeys(Database database, Keyset keyset, Clock clock) {
    this.database = database;
    this.keyset = keyset;
    this.clock = clock;
  }

  /// A key as it may be shown: without itself.
  ///
  /// @param changedMicros when it was set
  public record Shown(String provider, long changedMicros) {}

  /// Decrypts all keys, and from now on follows what other nodes change.
  ///
  /// @throws SettingsException when one cannot be decrypted: there is no keyset, or not the one it
  ///   was set with; also when the environment says something that is no keyset
  public void open() {
    keyset.check();
    database.follow(TOPIC, this::noticed);
    reload();
    SettingsException missing = keysetMissing;
    if (missing != null) {
      throw missing;
    }
    byAccount.forEach(
        (account, keys) -> {
          for (String provider : keys.unreadable()) {
            throw new SettingsException(
                ("The key of account %d for the provider %s cannot be decrypted by %s. Bring back"
                        + " the keyset it was set with, or delete it by `faregate key delete` and"
                        + " have it set anew.")
                    .formatted(account.value(), provider, keyset.origin()));
          }
        });
  }

  /// What an account has. Does not block.
  public OwnKeys of(UserId account) {
    OwnKeys keys = byAccount.getOrDefault(account, OwnKeys.NONE);
    return keys.equals(OwnKeys.NONE) || isFresh() ? keys : keys.unusable();
  }

  private boolean isFresh() {
    Long behind = behindNanos;
    long unknown = behind == null ? database.unheardNanos() : clock.nanoTime() - behind;
    return unknown <= FRESH_NANOS_MAX;
  }

  /// Sets a key, in place of the one before.
  ///
  /// @throws IllegalArgumentException when it cannot be one; the message names no part of it
  /// @throws SettingsException when there is no keyset to encrypt it with
  public void set(UserId account, String provider, Secret key) {
    check(key.reveal());
    boolean first = database.read(ProviderKeySql::isEmpty);
    long id = database.ids().next();
    String sealed = keyset.seal(key, Row.context(id, account, provider), first);
    Row row = new Row(id, account, provider, sealed, clock.micros());
    database.write(
        TOPIC,
        handle -> {
          ProviderKeySql.put(handle, row);
          return true;
        });
    reload();
  }

  /// The next call is without it.
  ///
  /// @return whether there was one
  public boolean delete(UserId account, String provider) {
    boolean was = database.write(TOPIC, handle -> ProviderKeySql.delete(handle, account, provider));
    reload();
    return was;
  }

  /// What an account has, by provider.
  public List<Shown> list(UserId account) {
    return database.read(handle -> ProviderKeySql.of(handle, account)).stream()
        .map(row -> new Shown(row.provider(), row.changedMicros()))
        .toList();
  }

  /// It goes into a header as it is.
  private static void check(String key) {
    if (key.length() > LENGTH_MAX) {
      throw new IllegalArgumentException(
          "a provider key has at most %d characters, and this has %d"
              .formatted(LENGTH_MAX, key.length()));
    }
    if (!key.chars().allMatch(character -> character > ' ' && character < 0x7f)) {
      throw new IllegalArgumentException(
          "a provider key is one word of printable ASCII characters, and this has others");
    }
  }

  /// One thread follows, however many notices come while it does.
  private synchronized void noticed() {
    if (notices++ == 0) {
      behindNanos = clock.nanoTime() - database.unheardNanos();
      Thread.ofVirtual().name("faregate-provider-keys").start(this::follow);
    }
  }

  private synchronized int notices() {
    return notices;
  }

  /// @return whether none came meanwhile
  private synchronized boolean followed(int count) {
    notices -= count;
    if (notices == 0) {
      behindNanos = null;
    }
    return notices == 0;
  }

  private void follow() {
    while (true) {
      int count = notices();
      try {
        reload();
        if (followed(count)) {
          return;
        }
        continue;
      } catch (RuntimeException e) {
        LOG.warn("provider keys cannot be read again yet: {}", e.getMessage());
      }
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// One at a time, so that an older reading does not replace a newer one.
  private void reload() {
    reloading.lock();
    try {
      load();
    } finally {
      reloading.unlock();
    }
  }

  private void load() {
    SettingsException missing = null;
    Map<Long, Secret> open = new HashMap<>();
    Map<UserId, Map<String, Secret>> keys = new HashMap<>();
    Map<UserId, Set<String>> unreadable = new HashMap<>();
    for (Row row : database.readQuickly(ProviderKeySql::all)) {
      Secret known = opened.get(row.id());
      Secret key = known;
      try {
        key = known == null ? keyset.open(row.ciphertext(), row.context()) : known;
      } catch (SettingsException e) {
        missing = e;
      }
      if (key == null) {
        LOG.error(
            "the key of account {} for the provider {} cannot be decrypted by {}",
            row.account().value(),
            row.provider(),
            keyset.origin());
        unreadable.computeIfAbsent(row.account(), _ -> new HashSet<>()).add(row.provider());
      } else {
        open.put(row.id(), key);
        keys.computeIfAbsent(row.account(), _ -> new HashMap<>()).put(row.provider(), key);
      }
    }
    opened = open;
    byAccount = together(keys, unreadable);
    keysetMissing = missing;
  }

  private static Map<UserId, OwnKeys> together(
      Map<UserId, Map<String, Secret>> keys, Map<UserId, Set<String>> unreadable) {
    Set<UserId> accounts = new HashSet<>(keys.keySet());
    accounts.addAll(unreadable.keySet());
    Map<UserId, OwnKeys> all = new HashMap<>();
    for (UserId account : accounts) {
      all.put(
          account,
          new OwnKeys(
              keys.getOrDefault(account, Map.of()), unreadable.getOrDefault(account, Set.of())));
    }
    return Map.copyOf(all);
  }
}
