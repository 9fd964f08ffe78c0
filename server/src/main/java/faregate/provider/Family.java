package faregate.provider;

import faregate.catalog.Provider;
import faregate.http.UpstreamRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/// How a family of providers is spoken to. Three verbs; stateless and thread-safe.
public interface Family {

  /// The request for one chat completion.
  ///
  /// @param provider reachable, so with a base URL
  /// @param body ready to be sent: model, output limit and stream options are spliced in already
  /// @param stream whether an event stream is asked for
  /// @throws IllegalArgumentException when the provider's base URL is none
  UpstreamRequest chat(Provider provider, Buffer body, boolean stream, Patience patience);

  /// What an answer that is no success means.
  ///
  /// @param body what was read of it, possibly cut
  /// @param nowMicros wall time
  Failure failure(Provider provider, int status, MultiMap headers, Buffer body, long nowMicros);

  /// The provider's own id of the call; empty where it told none, or one that no index takes.
  String requestId(Provider provider, MultiMap headers);
}
