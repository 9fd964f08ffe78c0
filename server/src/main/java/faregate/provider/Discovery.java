package faregate.provider;

import faregate.catalog.Discoverer;
import faregate.catalog.Provider;
import faregate.http.Upstream;
import faregate.http.UpstreamAnswer;
import faregate.http.UpstreamCall;
import faregate.http.UpstreamRequest;
import faregate.http.UpstreamTarget;
import faregate.kit.Json;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Asks servers of the OpenAI dialect for their models: `GET {base URL}/models`.
public final class Discovery implements Discoverer {
  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
  private static final int LIST_BYTES_MAX = 8 << 20;
  private static final int MODELS_MAX = 10_000;
  private static final int ID_CHARS_MAX = 200;

  private final Vertx vertx;
  private final Upstream upstream;
  private final Duration patience;

  /// @param patience for one provider, from the first packet to the last; all are asked at once
  public Discovery(Vertx vertx, Upstream upstream, Duration patience) {
    this.vertx = vertx;
    this.upstream = upstream;
    this.patience = patience;
  }

  @Override
  public Map<String, List<String>> discover(Collection<Provider> providers) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("discovery waits; it is not for an event loop");
    }
    Context loop = vertx.getOrCreateContext();
    Map<Provider, Future<List<String>>> asked = new LinkedHashMap<>();
    for (Provider provider : providers) {
      asked.put(provider, ask(loop, provider));
    }
    Map<String, List<String>> found = new LinkedHashMap<>();
    asked.forEach(
        (provider, models) -> {
          try {
            found.put(provider.slug(), models.toCompletionStage().toCompletableFuture().join());
          } catch (RuntimeException failure) {
            warn(provider, failure);
          }
        });
    return found;
  }

  private static void warn(Provider provider, RuntimeException failure) {
    Throwable cause = Objects.requireNonNullElse(failure.getCause(), failure);
    LOG.warn(
        "The models of provider {} were not told: GET {}/models: {}. Those known before are"
            + " offered, and it is asked again; or list models under providers.{}.models.",
        provider.slug(),
        provider.baseUrl(),
        cause.getMessage(),
        provider.slug());
  }

  private Future<List<String>> ask(Context loop, Provider provider) {
    Promise<List<String>> answer = Promise.promise();
    loop.runOnContext(
        _ -> {
          try {
            UpstreamCall call = upstream.send(request(provider));
            long timer =
                vertx.setTimer(
                    patience.toMillis(),
                    _ -> {
                      answer.tryFail("no whole answer within " + patience.toMillis() + " ms");
                      call.abort();
                    });
            call.answer()
                .compose(head -> body(call, head))
                .map(Discovery::models)
                .onComplete(
                    models -> {
                      vertx.cancelTimer(timer);
                      answer.tryComplete(models);
                    },
                    failure -> {
                      vertx.cancelTimer(timer);
                      answer.tryFail(failure);
                    });
          } catch (RuntimeException failure) {
            answer.tryFail(failure);
          }
        });
    return answer.future();
  }

  private UpstreamRequest request(Provider provider) {
    String baseUrl = Objects.requireNonNull(provider.baseUrl());
    UpstreamTarget.Base base =
        UpstreamTarget.parse(baseUrl, provider.privateNetwork(), provider.caFile());
    MultiMap headers = HttpHeaders.headers().add(HttpHeaders.ACCEPT, "application/json");
    if (provider.key() != null) {
      headers.add(provider.authHeader(), provider.authPrefix() + provider.key().reveal());
    }
    return new UpstreamRequest(
        base.target(),
        HttpMethod.GET,
        base.path() + "/models",
        headers,
        Buffer.buffer(),
        patience,
        patience);
  }

  private static Future<Buffer> body(UpstreamCall call, UpstreamAnswer head) {
    if (head.status() != 200) {
      call.abort();
      return Future.failedFuture("it answered " + head.status());
    }
    Promise<Buffer> whole = Promise.promise();
    Buffer read = Buffer.buffer();
    head.body()
        .handler(
            part -> {
              if (read.length() + part.length() > LIST_BYTES_MAX) {
                whole.tryFail("its list is longer than " + LIST_BYTES_MAX + " bytes");
                call.abort();
              } else {
                read.appendBuffer(part);
              }
            })
        .exceptionHandler(whole::tryFail)
        .endHandler(_ -> whole.tryComplete(read))
        .resume();
    return whole.future();
  }

  private static boolean isId(String id) {
    return !id.isBlank()
        && id.length() <= ID_CHARS_MAX
        && id.chars().noneMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c));
  }

  /// Reads `{"data":[{"id":…}]}`, or the bare list that some servers send.
  private static List<String> models(Buffer body) {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(body.getBytes());
    } catch (JacksonException e) {
      throw new IllegalArgumentException("its answer is not JSON", e);
    }
    JsonNode list = root.isArray() ? root : root.path("data");
    if (!list.isArray()) {
      throw new IllegalArgumentException("its answer has no list of models");
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode model : list) {
      String id = model.path("id").asString("");
      if (isId(id) && ids.size() < MODELS_MAX) {
        ids.add(id);
      }
    }
    return ids;
  }
}
