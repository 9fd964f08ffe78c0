package faregate.sandbox;

import java.util.List;

/// A model that the sandbox plays.
///
/// @param tokens how long it answers when nothing limits it
/// @param firstTokenMillis pause before the first token of a stream
/// @param chunkMillis pause between two tokens of a stream; 0 for none
/// @param contextTokens the most of prompt and answer together
/// @param outputTokensMax the most of one answer
/// @param inputNanos price of a prompt token in nano-USD
/// @param outputNanos price of a completion token in nano-USD
public record SandboxModel(
    String id,
    int tokens,
    int firstTokenMillis,
    int chunkMillis,
    int contextTokens,
    int outputTokensMax,
    long inputNanos,
    long outputNanos) {

  /// The models of the built-in provider, its default first.
  public static List<SandboxModel> standard() {
    return List.of(
        new SandboxModel("faregate/sandbox", 200, 150, 16, 65_536, 16_384, 1_000, 10_000),
        new SandboxModel("faregate/sandbox-fast", 16, 0, 0, 65_536, 16_384, 100, 400),
        new SandboxModel("faregate/sandbox-long", 4_000, 50, 4, 262_144, 65_536, 2_000, 8_000));
  }

  SandboxModel named(String other) {
    return new SandboxModel(
        other,
        tokens,
        firstTokenMillis,
        chunkMillis,
        contextTokens,
        outputTokensMax,
        inputNanos,
        outputNanos);
  }
}
