/// What is offered: models, the providers that run them, and their prices.
///
/// Entry class: [faregate.catalog.Catalog], which holds the current [faregate.catalog.Snapshot] and
/// makes the next one out of the product's own data files and the operator's settings. A request
/// takes the snapshot once and keeps it to its end.
///
/// This room must never know what happens on the wire, who asks, or what an offer is believed to do
/// at this moment: the last is `health`'s.
@NullMarked
package faregate.catalog;

import org.jspecify.annotations.NullMarked;
