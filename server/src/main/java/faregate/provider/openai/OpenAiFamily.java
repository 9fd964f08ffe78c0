package faregate.provider.openai;

import faregate.catalog.Provider;
import faregate.http.UpstreamRequest;
import faregate.http.UpstreamTarget;
import faregate.provider.Failure;
import faregate.provider.Family;
import faregate.provider.Patience;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// OpenAI's dialect over HTTP: a path, a key in a header, a JSON body.
public final class OpenAiFamily implements Family {
  public static final OpenAiFamily INSTANCE = new OpenAiFamily();

  /// Longer than any provider's; the ids are kept in an index.
  private static final int REQUEST_ID_CHARS_MAX = 200;

  private static final CharSequence AGENT = HttpHeaders.createOptimized("faregate");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENTS = HttpHeaders.createOptimized("text/event-stream");

  /// Base URLs taken apart once; as many as there are providers.
  private final Map<Place, UpstreamTarget.Base> bases = new ConcurrentHashMap<>();

  private record Place(String baseUrl, boolean privateNetwork, @Nullable Path caFile) {
    UpstreamTarget.Base parse() {
      return UpstreamTarget.parse(baseUrl, privateNetwork, caFile);
    }
  }

  private OpenAiFamily() {}

  @Override
  public UpstreamRequest chat(Provider provider, Buffer body, boolean stream, Patience patience) {
    String baseUrl = provider.baseUrl();
    if (baseUrl == null) {
      throw new IllegalArgumentException(
          "the provider " + provider.slug() + " has no base URL; name one in the configuration");
    }
    UpstreamTarget.Base base =
        bases.computeIfAbsent(
            new Place(baseUrl, provider.privateNetwork(), provider.caFile()), Place::parse);
    MultiMap headers =
        HttpHeaders.headers()
            .add(HttpHeaders.CONTENT_TYPE, JSON)
            .add(HttpHeaders.ACCEPT, stream ? EVENTS : JSON)
            .add(HttpHeaders.USER_AGENT, AGENT);
    if (provider.key() != null) {
      headers.add(provider.authHeader(), provider.authPrefix() + provider.key().reveal());
    }
    return new UpstreamRequest(
        base.target(),
        HttpMethod.POST,
        base.path() + provider.chatPath(),
        headers,
        body,
        patience.connect(),
        patience.header());
  }

  @Override
  public Failure failure(
      Provider provider, int status, MultiMap headers, Buffer body, long nowMicros) {
    return Failure.of(
        provider.slug(), status, headers, ErrorWords.read(body, provider.key()), nowMicros);
  }

  @Override
  public String requestId(Provider provider, MultiMap headers) {
    String id = Objects.requireNonNullElse(headers.get(provider.requestIdHeader()), "");
    return id.length() > REQUEST_ID_CHARS_MAX ? "" : id;
  }
}
