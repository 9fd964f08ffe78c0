/// What an operator asks of a running Faregate: is it well, what does it count, and please do this.
///
/// Entry classes: [faregate.operator.Operations], what can be asked for, the same beside a running
/// server and without one; [faregate.operator.OperatorRoutes], the way in over HTTP;
/// [faregate.operator.Metrics]. It never sees a prompt, an answer or the secret of a token, but for
/// the one line that shows a new token.
@NullMarked
package faregate.operator;

import org.jspecify.annotations.NullMarked;
