package faregate.hub;

import faregate.http.EventStream;
import faregate.http.ProblemException;
import faregate.identity.Payer;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A client that listens to a payer's figures, and what it was told last. Belongs to the thread
/// that looks.
final class Listener {
  private final Supplier<Payer> entitled;
  private final EventStream stream;
  private InferenceUse told;
  private boolean isNew = true;

  /// @param entitled throws where the client may not read the bill
  /// @param told is told already
  Listener(Supplier<Payer> entitled, EventStream stream, InferenceUse told) {
    this.entitled = entitled;
    this.stream = stream;
    this.told = told;
  }

  /// Whose figures it may hear. One that may not any more, such as with a revoked token, is told so
  /// and sent away.
  ///
  /// @return null for none
  @Nullable Payer payer() {
    try {
      return entitled.get();
    } catch (ProblemException e) {
      if (e.problem().status() >= 500) {
        throw e;
      }
      stream.end(HubJson.bytes(Map.of("error", e.problem().message())));
      return null;
    }
  }

  /// Tells figures that are new to it; not at the first look, which may follow at once upon what it
  /// was told when it came.
  void tell(InferenceUse figures, Billing billing) {
    if (isNew) {
      isNew = false;
    } else if (!figures.equals(told)) {
      told = figures;
      stream.send(billing.event(figures));
    }
  }
}
