package faregate.http;

import io.vertx.core.Future;

/// A request on its way. Belongs to the event loop that sent it.
public interface UpstreamCall {

  /// The head of the answer, with its body waiting. Fails with an [UpstreamException] and no other.
  Future<UpstreamAnswer> answer();

  /// Ends it wherever it stands by closing the connection at once, so that the upstream server
  /// notices and stops. Nothing is told to anyone after it, except that an open [#answer()] fails.
  /// Harmless when it has ended already.
  void abort();
}
