package faregate.routing;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a request wants of routing.
///
/// @param model as the client wrote it, with its suffix
/// @param task as on the Hub, such as `conversational`
/// @param needs abilities without which the request makes no sense
/// @param session what keeps a conversation on one offer; null where there is none. It must be told
///   apart by caller, so that nobody moves somebody else's conversation
/// @param preferred provider slugs in the caller's order, for `:preferred`
/// @param disabled provider slugs that the caller switched off
/// @param ownKeys provider slugs that the payer has a key of its own for
public record Ask(
    String model,
    String task,
    Set<Ability> needs,
    @Nullable String session,
    List<String> preferred,
    Set<String> disabled,
    Set<String> ownKeys) {

  public static final String CHAT = "conversational";

  public Ask {
    needs = Set.copyOf(needs);
    preferred = List.copyOf(preferred);
    disabled = Set.copyOf(disabled);
    ownKeys = Set.copyOf(ownKeys);
  }

  /// For a payer who has no keys of its own.
  public Ask(
      String model,
      String task,
      Set<Ability> needs,
      @Nullable String session,
      List<String> preferred,
      Set<String> disabled) {
    this(model, task, needs, session, preferred, disabled, Set.of());
  }

  /// A chat request without wishes of its own.
  public static Ask chat(String model, Set<Ability> needs, @Nullable String session) {
    return new Ask(model, CHAT, needs, session, List.of(), Set.of(), Set.of());
  }

  /// The same for a payer who has keys of its own.
  public Ask withOwnKeys(Set<String> providers) {
    return providers.isEmpty()
        ? this
        : new Ask(model, task, needs, session, preferred, disabled, providers);
  }
}
