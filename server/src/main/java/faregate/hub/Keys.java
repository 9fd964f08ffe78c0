package faregate.hub;

import faregate.catalog.Provider;
import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.identity.Payer;
import faregate.kit.Json;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.secret.ProviderKeys;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Our own: an account's keys for providers. They go in and are never shown again.
final class Keys {
  private final HubRooms rooms;

  Keys(HubRooms rooms) {
    this.rooms = rooms;
  }

  private record Listed(String name, List<Line> keys) {
    private record Line(String provider, String setAt) {}
  }

  Answer list(Payer owner) {
    return HubJson.answer(
        new Listed(
            owner.name(),
            keys().list(owner.account()).stream()
                .map(key -> new Listed.Line(key.provider(), Iso.of(key.changedMicros())))
                .toList()));
  }

  /// @param body `{"key": "…"}`
  Answer set(Visit visit, Payer owner, Buffer body) {
    String provider = provider(visit.parameter("provider"));
    try {
      keys().set(owner.account(), provider, new Secret(key(body)));
    } catch (IllegalArgumentException e) {
      throw bad("This cannot be the key: " + e.getMessage());
    } catch (SettingsException _) {
      // What is wrong with it is for the operator, whom `faregate key set` tells.
      throw Problem.of(
              500, "no_keyset", "This server has no keyset to encrypt keys with: ask its operator")
          .withField("code", "no_keyset")
          .asException();
    }
    return list(owner);
  }

  Answer delete(Visit visit, Payer owner) {
    String provider = visit.parameter("provider");
    if (!keys().delete(owner.account(), provider)) {
      throw Problem.of(404, "not_found", "%s has no key for %s".formatted(owner.name(), provider))
          .withField("code", "not_found")
          .asException();
    }
    return list(owner);
  }

  private ProviderKeys keys() {
    return rooms.providerKeys();
  }

  private String provider(String slug) {
    Provider provider = rooms.catalog().current().provider(slug);
    if (provider == null || !provider.takesOwnKeys()) {
      throw Problem.of(
              404, "not_found", "There is no provider %s that takes keys here".formatted(slug))
          .withField("code", "not_found")
          .asException();
    }
    return slug;
  }

  /// Nothing of the body is told back: it may hold a key, if not as it should.
  private static String key(Buffer body) {
    try {
      JsonNode key = Json.MAPPER.readTree(body.getBytes()).path("key");
      if (key.isString()) {
        return key.stringValue().strip();
      }
    } catch (JacksonException _) {
      // Told below.
    }
    throw bad("The body must be a JSON object with the key as a text: {\"key\": \"…\"}");
  }

  private static RuntimeException bad(String sentence) {
    return Problem.badRequest("bad_key", sentence).withField("code", "bad_key").asException();
  }
}
