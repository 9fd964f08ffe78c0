package faregate.gateway;

import faregate.limit.RateLimits;
import faregate.limit.RateRule;
import java.util.function.Supplier;

/// How many calls may be made.
///
/// @param rules at which providers, read once for each attempt
public record Rates(RateLimits limits, Supplier<RateRule.Table> rules) {}
