@NullMarked
package faregate.identity;

import org.jspecify.annotations.NullMarked;
