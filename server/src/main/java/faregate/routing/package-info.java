/// Where a request goes: from the model's name, the abilities the request needs, the caller's
/// wishes and what is believed about each offer, to the ordered attempts.
///
/// Entry class: [faregate.routing.Router]; beside it [faregate.routing.Again], the one place that
/// decides about another attempt.
///
/// This room must never know who pays, and it makes no attempt itself.
@NullMarked
package faregate.routing;

import org.jspecify.annotations.NullMarked;
