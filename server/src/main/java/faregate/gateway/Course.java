package faregate.gateway;

import faregate.money.Nanos;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;

/// How a call went, as far as its money is concerned.
///
/// @param end in what way it came to its end
/// @param reported what the provider says was consumed, null when it did not say
/// @param counted what we counted: the prompt, and the output that was delivered
/// @param output whether any output was delivered
/// @param exposure what earlier attempts, which told nothing, may still be billed for
record Course(
    End end, @Nullable Quantities reported, Quantities counted, boolean output, Nanos exposure) {

  enum End {
    /// The answer came to its end.
    COMPLETED,
    /// The answer came to its end, and that end says that it is an error.
    ERROR_FINISH,
    /// No attempt brought an answer.
    NO_ANSWER,
    /// The answer broke, stalled or ran past the deadline after it had begun.
    BROKE,
    /// The client left, and the provider was stopped.
    CLIENT_LEFT,
    /// The client left, and the provider, which bills anyway, was heard to the end.
    CLIENT_LEFT_DRAINED
  }
}
