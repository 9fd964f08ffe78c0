package faregate.sandbox;

/// What one token costs at a sandbox's model, in nano-USD.
///
/// @param inputNanos of a prompt token that was neither cached nor written to a cache
/// @param reasoningNanos of a completion token that was thought
public record SandboxPrices(
    long inputNanos, long cachedNanos, long writeNanos, long outputNanos, long reasoningNanos) {

  /// The same for all tokens of a prompt, and for all of an answer.
  public static SandboxPrices flat(long inputNanos, long outputNanos) {
    return new SandboxPrices(inputNanos, inputNanos, inputNanos, outputNanos, outputNanos);
  }

  long dearestInputNanos() {
    return Math.max(inputNanos, Math.max(cachedNanos, writeNanos));
  }

  long dearestOutputNanos() {
    return Math.max(outputNanos, reasoningNanos);
  }
}
