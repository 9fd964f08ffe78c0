/// Speaking to providers: how each family of them is asked, and what their failures mean.
///
/// Enter by [faregate.provider.Family] (found in `families`) to build a request, and by
/// [faregate.provider.Failure] to classify what went wrong; nothing else in the house decides about
/// either. Each family of servers has a sub-package.
///
/// It must never know a wallet, a hold or a caller, and it never decides about another attempt: it
/// only says whether one may be made.
@NullMarked
package faregate.provider;

import org.jspecify.annotations.NullMarked;
