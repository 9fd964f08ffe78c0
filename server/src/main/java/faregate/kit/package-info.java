@NullMarked
package faregate.kit;

import org.jspecify.annotations.NullMarked;
