/// What we believe about each offer, from what its calls did.
///
/// Entry class: [faregate.health.Health]. It is told of each attempt's end and answers at once, in
/// memory: may this offer be called, how soon does it speak, how fast.
///
/// This room must never know what an offer is: it has ids only. It decides nothing about a request;
/// `routing` does.
@NullMarked
package faregate.health;

import org.jspecify.annotations.NullMarked;
