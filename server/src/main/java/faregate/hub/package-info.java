/// The Hub's face: who a token belongs to, and what its owner has spent and has left.
///
/// [faregate.hub.HubRoutes] is the entry; [faregate.hub.Gate] is the only place that lets anybody
/// in. Shapes are those that official clients read, field by field; what is our own stands on
/// routes of its own. What is used and left comes from the ledger's lots, so it is true at once.
///
/// This package must never know how a call is carried out, and must never write to the ledger.
@NullMarked
package faregate.hub;

import org.jspecify.annotations.NullMarked;
