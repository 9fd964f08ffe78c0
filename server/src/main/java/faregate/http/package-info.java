/// Speaking HTTP: the server and its routes, the upstream client, the splitting of event streams.
///
/// Enter by [faregate.http.Server] for what comes in, with [faregate.http.Routes] as its table and
/// [faregate.http.Visit] as one request; by [faregate.http.Upstream] for what goes out; by
/// [faregate.http.SseReader] for a stream of events that is read, and by
/// [faregate.http.EventStream] for one that is told.
///
/// Everything here runs on event loops, except handlers that a route names as blocking, and the
/// beginning of those that stream. Nothing here may wait.
///
/// It must never know a business word: no model, no provider, no price, no token's owner.
@NullMarked
package faregate.http;

import org.jspecify.annotations.NullMarked;
