package faregate.catalog;

import java.time.Duration;

/// Where a provider tells later what it billed, by its own ids of the calls.
///
/// @param url asked by POST, with the key that calls are made with
/// @param adjusts whether callers pay what it says; otherwise it is only compared
/// @param delay how long after its end a call is asked about first
public record BillingEndpoint(String url, boolean adjusts, Duration delay) {}
