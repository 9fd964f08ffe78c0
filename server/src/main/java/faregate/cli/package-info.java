/// The command line, and the one place where the house is put together.
///
/// Entry classes: [faregate.cli.Main], the process; [faregate.cli.App], which wires every room by
/// constructors; [faregate.cli.Config], what the operator can set. The commands themselves do
/// nothing but ask [faregate.operator.Operations] and show the answer.
@NullMarked
package faregate.cli;

import org.jspecify.annotations.NullMarked;
