/// A server that plays a provider: OpenAI's dialect on a loopback port, with a bill of its own.
///
/// Enter by [faregate.sandbox.Sandbox]. It is the provider of a fresh installation, and the
/// opponent of the tests: by a field `sandbox` in the body ([faregate.sandbox.Faults]) a request
/// makes it fail, stall, cut, overrun or leave out its usage. What it generated and what it charges
/// stands in its [faregate.sandbox.Bill], so that a ledger can be compared with somebody else's
/// book.
///
/// It must never know the gateway: it shares no table, no price list and no token count with it.
@NullMarked
package faregate.sandbox;

import org.jspecify.annotations.NullMarked;
