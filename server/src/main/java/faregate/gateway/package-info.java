/// The story of one exchange: a client's request on its way through the house.
///
/// [faregate.gateway.Front] is the door, [faregate.gateway.Exchange] the story: route, hold,
/// attempt, deliver, end. Beside it stand what it leans on: [faregate.gateway.Sizing] says how much
/// is held, [faregate.gateway.Attempt] makes one attempt, [faregate.gateway.Delivery] pumps a
/// stream and counts it, [faregate.gateway.Ending] is the table of endings as a pure function.
///
/// Every call goes this way; there is no second path, so there is none that the ledger does not
/// see. Each exchange belongs to one event loop: nothing here blocks, and nothing is locked.
@NullMarked
package faregate.gateway;

import org.jspecify.annotations.NullMarked;
