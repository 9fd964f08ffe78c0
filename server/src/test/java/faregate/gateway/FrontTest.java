package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.identity.Caller;
import faregate.money.Nanos;
import java.nio.file.Path;
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
}
