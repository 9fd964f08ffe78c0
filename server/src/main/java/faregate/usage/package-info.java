@NullMarked
package faregate.usage;

import org.jspecify.annotations.NullMarked;
