@NullMarked
package faregate.cli;

import org.jspecify.annotations.NullMarked;
