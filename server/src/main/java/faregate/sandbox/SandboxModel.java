package faregate.sandbox;

import java.util.List;

/// A model that the sandbox plays.
///
/// @param tokens how long it answers when nothing limits it
/// @param firstTokenMillis pause before the first token of a stream
/// @param chunkMillis pause between two tokens of a stream; 0 for none
/// @param contextTokens the most of prompt and answer together
/// @param outputTokensMax the most of one answer
/// @param prices of a call whose prompt has at most `stepTokens`
/// @param stepTokens a prompt of more makes the whole call cost `pricesAbove`
public record SandboxModel(
    String id,
    int tokens,
    int firstTokenMillis,
    int chunkMillis,
    int contextTokens,
    int outputTokensMax,
    SandboxPrices prices,
    int stepTokens,
    SandboxPrices pricesAbove) {

  /// One price for all prompts, cached or not.
  public SandboxModel(
      String id,
      int tokens,
      int firstTokenMillis,
      int chunkMillis,
      int contextTokens,
      int outputTokensMax,
      long inputNanos,
      long outputNanos) {
    this(
        id,
        tokens,
        firstTokenMillis,
        chunkMillis,
        contextTokens,
        outputTokensMax,
        SandboxPrices.flat(inputNanos, outputNanos),
        Integer.MAX_VALUE,
        SandboxPrices.flat(inputNanos, outputNanos));
  }

  /// The same with other prices.
  public SandboxModel withPrices(SandboxPrices low, int step, SandboxPrices high) {
    return new SandboxModel(
        id, tokens, firstTokenMillis, chunkMillis, contextTokens, outputTokensMax, low, step, high);
  }

  public long inputNanos() {
    return prices.inputNanos();
  }

  public long outputNanos() {
    return prices.outputNanos();
  }

  SandboxPrices prices(int promptTokens) {
    return promptTokens > stepTokens ? pricesAbove : prices;
  }

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
        prices,
        stepTokens,
        pricesAbove);
  }
}
