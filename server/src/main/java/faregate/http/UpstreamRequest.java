package faregate.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;

/// One request to an upstream server.
///
/// @param path with its query, as on the request line
/// @param headers without `host`, `content-length` and `accept-encoding`: those are set here
/// @param body sent whole; may be empty
/// @param connectTimeout for resolving, connecting and the TLS handshake together
/// @param headerTimeout from there to the head of the answer
public record UpstreamRequest(
    UpstreamTarget target,
    HttpMethod method,
    String path,
    MultiMap headers,
    Buffer body,
    Duration connectTimeout,
    Duration headerTimeout) {}
