package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpMethod;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which path leads where.
class RoutesTest {
  private static final Handling.OnLoop NOTHING = _ -> {};
  private final Routes routes =
      new Routes()
          .post("/{provider}/{path...}", NOTHING)
          .post("/v1/chat/completions", NOTHING)
          .get("/v1/models", NOTHING)
          .get("/v1/models/{model...}", NOTHING)
          .get("/{org}/{model}", NOTHING)
          .get("/", NOTHING)
          .get("/api/users/{user}/overview", NOTHING)
          .get("/api/users/me/overview", NOTHING);

  @ParameterizedTest
  @CsvSource({
    "GET,  /,                          /",
    "GET,  /v1/models,                 /v1/models",
    "HEAD, /v1/models,                 /v1/models",
    "GET,  /v1/models/org/name,        /v1/models/{model...}",
    "GET,  /v1/models/,                ''",
    "GET,  /org/name,                  /{org}/{model}",
    "GET,  /org/name/,                 ''",
    "GET,  //name,                     ''",
    "POST, /v1/chat/completions,       /v1/chat/completions",
    "POST, /v1/chat/completionsX,      /{provider}/{path...}",
    "POST, /together/v1/embeddings,    /{provider}/{path...}",
    "POST, /V1/chat/completions,       /{provider}/{path...}",
    "GET,  /api/users/me/overview,     /api/users/me/overview",
    "GET,  /api/users/you/overview,    /api/users/{user}/overview",
  })
  void leads(String method, String path, String pattern) {
    Routes.Match match = routes.find(HttpMethod.valueOf(method), path);

    String found =
        match instanceof Routes.Match.Found(Route route, var _) ? route.pattern().toString() : "";
    assertThat(found).isEqualTo(pattern);
  }

  @Test
  void tellsWhatTheHolesTook() {
    assertThat(routes.find(HttpMethod.POST, "/fal-ai/fal-ai/flux%2Fdev/x"))
        .isInstanceOfSatisfying(
            Routes.Match.Found.class,
            found ->
                assertThat(found.parameters())
                    .isEqualTo(Map.of("provider", "fal-ai", "path", "fal-ai/flux/dev/x")));
  }

  @Test
  void tellsWhichMethodsAPathTakes() {
    assertThat(routes.find(HttpMethod.DELETE, "/v1/models/a/b"))
        .isInstanceOfSatisfying(
            Routes.Match.WrongMethod.class,
            wrong -> assertThat(wrong.allowed()).containsExactly("GET", "HEAD", "OPTIONS", "POST"));
  }

  @Test
  void listsThemAll() {
    assertThat(routes.all()).hasSize(8);
    assertThat(routes.all().getFirst().pattern()).hasToString("/{provider}/{path...}");
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatThrownBy(() -> routes.get("/v1/models", NOTHING)).hasMessageContaining("twice");
    assertThatThrownBy(() -> routes.get("v1", NOTHING)).hasMessageContaining("start with '/'");
    assertThatThrownBy(() -> routes.get("/{a...}/b", NOTHING)).hasMessageContaining("'...'");
  }
}
