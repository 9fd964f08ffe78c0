package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.identity.Caller;
import faregate.identity.NewToken;
import faregate.identity.TokenRequest;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is let in, and whose money may be spent.
class FrontTest {
  @TempDir private static Path folder;
  private static RunningHouse house;

  @BeforeAll
  static void open() throws Exception {
    house = new RunningHouse(folder.resolve("front.db"), CallSettings.defaults());
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @Test
  void nobodyPaysForAnOrganizationThatIsNotThere() throws Exception {
    Guest guest = house.guest("ann");
    Client client = new Client(house.port(), guest.token(), "test/m1:cheapest");
    Answer answer = client.post(client.chat(), "X-HF-Bill-To", "acme");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.error().path("code").asString()).isEqualTo("missing_permission");
    assertThat(answer.header("x-error-message"))
        .startsWith(
            "This authentication method does not have sufficient permissions to call Inference"
                + " Providers on behalf of org acme;");
    assertThat(house.callsSeen()).isZero();
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }

  @Test
  void aTokenThatMayNotCallIsToldHowToGetOneThatMay() throws Exception {
    house.guest("bob");
    String mute = house.token("bob", Set.of(Caller.BILLING));
    Client client = new Client(house.port(), mute, "test/m1");
    Answer answer = client.post(client.chat());
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.error().path("message").asString())
        .endsWith("./faregate token create --user bob --permission inference.serverless.write");
  }

  @Test
  void aBodyThatIsHeldBackDoesNotOutliveItsToken() throws Exception {
    house.guest("cid");
    NewToken token = house.token(TokenRequest.of("cid"));
    String body = new Client(house.port(), token.secret().reveal(), "test/m1").chat();
    long seen = house.callsSeen();
    String heard =
        RawClient.all(
            house.port(),
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
                + "authorization: Bearer "
                + token.secret().reveal()
                + "\r\ncontent-length: "
                + body.length()
                + "\r\n\r\n"
                + body.substring(0, body.length() - 1),
            () -> {
              await().pollDelay(Duration.ofMillis(600)).until(() -> true);
              house.revoke(token.token().id());
              return "}";
            });
    assertThat(heard).startsWith("HTTP/1.1 401").contains("invalid_token");
    assertThat(house.callsSeen()).isEqualTo(seen);
  }
}
