package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.http.Route;
import faregate.kit.Environment;
import faregate.kit.RandomSource;
import faregate.operator.Credential;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every route of a server that runs, by name. A route that reaches a provider and is not the
/// exchange's escapes the ledger. Before a line is added here, think about who holds and who
/// settles.
class AllRoutesTest {
  /// The only ones below /v1 that take a body, and so can make a provider work.
  private static final List<String> EXCHANGE = List.of("POST /v1/chat/completions");

  /// They read, or are the operator's on this machine.
  private static final List<String> OTHERS =
      List.of(
          "GET /v1/models",
          "GET /v1/models/{model...}",
          "GET /api/whoami-v2",
          "GET /avatars/{file}",
          "GET /api/settings/billing/usage-v2",
          "GET /api/settings/billing/usage-by-inference-session",
          "GET /api/settings/billing/credits",
          "GET /api/organizations/{org}/billing/usage-v2",
          "GET /api/organizations/{org}/billing/usage-by-inference-session",
          "GET /api/organizations/{org}/billing/credits",
          "GET /api/settings/billing/calls",
          "GET /api/settings/billing/calls/{call}",
          "GET /api/settings/billing/usage",
          "GET /api/organizations/{org}/billing/usage",
          "GET /api/settings/billing/usage/live",
          "GET /api/users/{user}/billing/usage/live",
          "GET /api/organizations/{org}/billing/usage/live",
          "PATCH /api/organizations/{org}/resource-groups/{id}",
          "GET /api/organizations/{org}/billing/calls",
          "GET /api/organizations/{org}/billing/calls/{call}",
          "GET /api/organizations/{org}/billing/usage-by-resource-group",
          "GET /api/organizations/{org}/billing/usage-by-member",
          "GET /api/settings/inference-providers/keys",
          "PUT /api/settings/inference-providers/keys/{provider}",
          "DELETE /api/settings/inference-providers/keys/{provider}",
          "GET /api/organizations/{org}/settings/inference-providers/keys",
          "PUT /api/organizations/{org}/settings/inference-providers/keys/{provider}",
          "DELETE /api/organizations/{org}/settings/inference-providers/keys/{provider}",
          "GET /healthz",
          "GET /readyz",
          "GET /metrics",
          "POST /operator/v1/{command}");

  @TempDir private Path temp;

  @Test
  void everyRouteIsThoughtAbout() {
    Folder folder = Folder.find(temp.resolve("data"), Environment.of(Map.of())).prepare();
    Common common = new Common(folder.path(), null, false);
    Credential secret = new Credential("", Credential.newSecret(RandomSource.secure()), "");
    List<Route> routes;
    try (Serving serving = Serving.start(folder, common.config(folder), common, 0)) {
      routes = serving.routes(secret).all();
    }
    List<String> names = routes.stream().map(AllRoutesTest::name).toList();
    assertThat(names.stream().filter(name -> !name.startsWith("GET ") && name.contains(" /v1/")))
        .as("routes below /v1 that are more than reading")
        .containsExactlyInAnyOrderElementsOf(EXCHANGE);
    assertThat(names.stream().filter(name -> !EXCHANGE.contains(name)))
        .containsExactlyInAnyOrderElementsOf(OTHERS);
    for (Route route : routes) {
      if (EXCHANGE.contains(name(route))) {
        assertThat(Objects.toString(route.handling()))
            .as("who handles %s", name(route))
            .startsWith("faregate.gateway.Front");
      }
    }
  }

  private static String name(Route route) {
    return route.method() + " " + route.pattern();
  }
}
