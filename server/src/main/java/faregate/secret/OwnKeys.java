package faregate.secret;

import faregate.kit.Secret;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The keys that one account has of its own, by provider.
///
/// @param unreadable providers whose key is there and cannot be used here, for want of the keyset
///   or of news about it: a call must not go on somebody else's money instead
public record OwnKeys(Map<String, Secret> open, Set<String> unreadable) {
  public static final OwnKeys NONE = new OwnKeys(Map.of(), Set.of());

  public OwnKeys {
    open = Map.copyOf(open);
    unreadable = Set.copyOf(unreadable);
  }

  /// The same account while none of its keys may be used.
  OwnKeys unusable() {
    Set<String> all = new HashSet<>(unreadable);
    all.addAll(open.keySet());
    return new OwnKeys(Map.of(), all);
  }

  /// @return null where it has none
  public @Nullable Secret of(String provider) {
    return open.get(provider);
  }
}
