/// The official SDKs against a running Faregate: its own jar, in a process of its own, reached by
/// base URL and token and nothing else. [faregate.clients.RunningGate] starts it.
@NullMarked
package faregate.clients;

import org.jspecify.annotations.NullMarked;
