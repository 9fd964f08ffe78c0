package faregate.usage;

import faregate.money.Nanos;

/// What some calls came to, together.
///
/// @param requests calls that were answered, and charged where there was something to charge
/// @param voided calls that ended without a charge
/// @param estimated how many of the requests we counted ourselves
/// @param inputTokens all tokens of the prompts, those read from a cache or written to one among
///   them
/// @param outputTokens all tokens of the answers, those of reasoning among them
/// @param millis how long the calls took, together
public record Totals(
    long requests,
    long voided,
    long estimated,
    Nanos charge,
    long inputTokens,
    long cachedInputTokens,
    long outputTokens,
    long cacheWriteTokens,
    long reasoningTokens,
    long millis) {
  public static final Totals NONE = new Totals(0, 0, 0, Nanos.ZERO, 0, 0, 0, 0, 0, 0);

  public Totals plus(Totals other) {
    return new Totals(
        Math.addExact(requests, other.requests),
        Math.addExact(voided, other.voided),
        Math.addExact(estimated, other.estimated),
        charge.plus(other.charge),
        Math.addExact(inputTokens, other.inputTokens),
        Math.addExact(cachedInputTokens, other.cachedInputTokens),
        Math.addExact(outputTokens, other.outputTokens),
        Math.addExact(cacheWriteTokens, other.cacheWriteTokens),
        Math.addExact(reasoningTokens, other.reasoningTokens),
        Math.addExact(millis, other.millis));
  }

  public Totals minus(Totals other) {
    return new Totals(
        Math.subtractExact(requests, other.requests),
        Math.subtractExact(voided, other.voided),
        Math.subtractExact(estimated, other.estimated),
        charge.minus(other.charge),
        Math.subtractExact(inputTokens, other.inputTokens),
        Math.subtractExact(cachedInputTokens, other.cachedInputTokens),
        Math.subtractExact(outputTokens, other.outputTokens),
        Math.subtractExact(cacheWriteTokens, other.cacheWriteTokens),
        Math.subtractExact(reasoningTokens, other.reasoningTokens),
        Math.subtractExact(millis, other.millis));
  }
}
