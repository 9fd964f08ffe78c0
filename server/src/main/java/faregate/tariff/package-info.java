@NullMarked
package faregate.tariff;

import org.jspecify.annotations.NullMarked;
