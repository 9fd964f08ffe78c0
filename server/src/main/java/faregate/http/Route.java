package faregate.http;

import io.vertx.core.http.HttpMethod;

/// One line of the table of routes.
///
/// @param pattern as it was given, such as `/v1/models/{model...}`
public record Route(HttpMethod method, PathPattern pattern, Handling handling) {}
