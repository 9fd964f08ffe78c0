package faregate.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/// The head of an answer, and its body as a paused stream.
///
/// @param body set its handlers, then resume it. It fails with an [UpstreamException] when it
///   breaks before its end. Leaving it paused keeps the server waiting; to leave, abort the call
public record UpstreamAnswer(int status, MultiMap headers, ReadStream<Buffer> body) {}
