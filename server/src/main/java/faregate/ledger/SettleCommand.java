package faregate.ledger;

import faregate.money.Nanos;

/// Asks for a hold to be ended by posting its charge.
///
/// @param charge what the caller pays; at most what is held
/// @param excess what the provider is known to ask above the charge: the operator's loss, recorded
///   as an incident with the call
/// @param exposure the most the provider may still bill for what was not delivered, such as earlier
///   ambiguous attempts or tokens under way when the client left: the operator's, recorded as an
///   incident with the call
/// @param estimated whether the charge was counted by us and not told by the provider
/// @param facts what was consumed, as bytes that only `usage` reads
public record SettleCommand(
    Ledger.CallRef call,
    Nanos charge,
    Nanos excess,
    Nanos exposure,
    boolean estimated,
    byte[] facts) {}
