@NullMarked
package faregate.ledger;

import org.jspecify.annotations.NullMarked;
