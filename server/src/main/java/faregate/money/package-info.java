@NullMarked
package faregate.money;

import org.jspecify.annotations.NullMarked;
