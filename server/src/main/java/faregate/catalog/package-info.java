@NullMarked
package faregate.catalog;

import org.jspecify.annotations.NullMarked;
