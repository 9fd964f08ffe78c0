/// What providers say later: late bills, exposure, and the monthly comparison of their books with
/// ours.
///
/// Entry classes: [faregate.reconcile.LateBills], which asks the providers that tell what they
/// billed and adjusts the ledger; [faregate.reconcile.Exposure] and
/// [faregate.reconcile.Comparison], the operator's reports.
///
/// Nothing here is in the way of a call. Whatever it does may be done twice, by two nodes or after
/// a crash, with the effect of once: a bill is the whole charge and not a difference, and the
/// ledger takes no revision that is not above the last. It must never dispatch anything.
@NullMarked
package faregate.reconcile;

import org.jspecify.annotations.NullMarked;
