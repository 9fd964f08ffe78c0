/// How many requests somebody may make in an hour.
///
/// - [faregate.limit.RateRule] says where there is a bound: at a provider, for a tier.
/// - [faregate.limit.RateLimits] counts, by Bucket4j: in memory where the database is this
///   process's own, else in the shared database, so that all nodes count together.
///
/// Nothing here is asked about a request that has no bound. This package must never know what a
/// token, a tier or a provider is, nor what a request costs.
@NullMarked
package faregate.limit;

import org.jspecify.annotations.NullMarked;
