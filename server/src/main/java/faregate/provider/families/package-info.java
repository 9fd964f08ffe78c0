/// Which families of providers there are. Stands apart so that the contract knows none of them.
@NullMarked
package faregate.provider.families;

import org.jspecify.annotations.NullMarked;
