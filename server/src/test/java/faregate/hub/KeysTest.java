package faregate.hub;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.identity.Caller;
import faregate.identity.NewToken;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Keys of one's own, as users and admins set them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeysTest {
  private static final String MINE = "/api/settings/inference-providers/keys";
  private static final String ORGS = "/api/organizations/acme/settings/inference-providers/keys";
  private static final String KEY = "sk-marker-of-an-own-key";
  private Hub hub;

  @BeforeAll
  void open(@TempDir Path folder) {
    hub = new Hub(folder);
  }

  @AfterAll
  void close() {
    hub.close();
  }

  private NewToken settler(String name) {
    hub.user(name, Tier.FREE);
    return Hub.done(
        hub.identities.createToken(
            new TokenRequest(name, Set.of(Caller.SETTINGS), Token.NEVER, "", false)));
  }

  private HttpResponse<String> put(String path, NewToken token, String body) {
    return hub.send("PUT", path, token, body);
  }

  @Test
  void aUserSetsSeesAndDeletesThem() {
    NewToken token = settler("alice");
    HttpResponse<String> set = put(MINE + "/groq", token, "{\"key\":\" " + KEY + " \"}");
    assertThat(set.statusCode()).as(set.body()).isEqualTo(200);
    assertThat(hub.json(MINE, token).at("/keys/0/provider").stringValue()).isEqualTo("groq");
    assertThat(set.body() + hub.json(MINE, token)).doesNotContain(KEY);
    assertThat(Objects.requireNonNull(hub.keys.of(hub.caller(token).user()).of("groq")).reveal())
        .isEqualTo(KEY);
    assertThat(hub.send("DELETE", MINE + "/groq", token, "").statusCode()).isEqualTo(200);
    assertThat(hub.send("DELETE", MINE + "/groq", token, "").statusCode()).isEqualTo(404);
    assertThat(hub.json(MINE, token).path("keys")).isEmpty();
  }

  @Test
  void whatIsWrongIsNamedAndNeverRepeated() {
    NewToken token = settler("bob");
    assertThat(put(MINE + "/grok", token, "{\"key\":\"x\"}").statusCode()).isEqualTo(404);
    for (String body :
        new String[] {
          "", KEY, "{\"kee\":\"" + KEY + "\"}", "{\"key\":\"two " + KEY + "\"}", "{\"key\":\"\"}"
        }) {
      HttpResponse<String> refused = put(MINE + "/groq", token, body);
      assertThat(refused.statusCode()).as(body).isEqualTo(400);
      assertThat(refused.body()).doesNotContain(KEY);
    }
    NewToken other = hub.user("carol", Tier.FREE);
    HttpResponse<String> refused = put(MINE + "/groq", other, "{\"key\":\"" + KEY + "\"}");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("user.settings.write").doesNotContain(KEY);
  }

  @Test
  void anOrganizationsAreForItsAdmins() {
    NewToken admin = settler("ada");
    NewToken writer = settler("will");
    Hub.done(hub.identities.organizations().create("acme", Tier.TEAM, 2));
    Hub.done(hub.identities.organizations().addMember("acme", "ada", Role.ADMIN));
    Hub.done(hub.identities.organizations().addMember("acme", "will", Role.WRITE));
    assertThat(put(ORGS + "/groq", writer, "{\"key\":\"" + KEY + "\"}").statusCode())
        .isEqualTo(403);
    assertThat(put(ORGS + "/groq", admin, "{\"key\":\"" + KEY + "\"}").statusCode()).isEqualTo(200);
    assertThat(hub.json(ORGS, admin).at("/keys/0/provider").stringValue()).isEqualTo("groq");
    assertThat(hub.json(MINE, admin).path("keys")).isEmpty();
    assertThat(hub.send("GET", ORGS, settler("sam"), "").statusCode()).isEqualTo(404);
  }
}
