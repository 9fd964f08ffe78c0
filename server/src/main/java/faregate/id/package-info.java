@NullMarked
package faregate.id;

import org.jspecify.annotations.NullMarked;
