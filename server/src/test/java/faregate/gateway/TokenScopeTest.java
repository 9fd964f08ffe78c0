package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.identity.Group;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Outcome;
import faregate.identity.Payer;
import faregate.identity.Permissions;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Tokens that are for certain accounts, through the door: what they may not bill, nobody pays.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenScopeTest {
  private static final String BILL_TO = "X-HF-Bill-To";
  private static final String NOBODY = "";
  private RunningHouse house;
  private Guest ann;
  private Payer acme;
  private Payer globex;
  private Group lab;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    house = new RunningHouse(folder.resolve("scopes.db"), CallSettings.defaults());
    ann = house.guest("ann", Tier.FREE);
    Organizations organizations = house.identities().organizations();
    acme = RunningHouse.done(organizations.create("acme", Tier.ENTERPRISE, 1));
    globex = RunningHouse.done(organizations.create("globex", Tier.TEAM, 1));
    RunningHouse.done(organizations.addMember("acme", "ann", Role.WRITE));
    RunningHouse.done(organizations.addMember("globex", "ann", Role.WRITE));
    lab = RunningHouse.done(organizations.createGroup("acme", "lab"));
    RunningHouse.done(organizations.setGroupMember("acme", "lab", "ann", true));
  }

  @AfterAll
  void close() throws Exception {
    house.close();
  }

  private NewToken token(Set<String> permissions, boolean own, String... organizations) {
    return house.token(
        new TokenRequest(
            "ann", permissions, Token.NEVER, "", false, 0, List.of(organizations), own));
  }

  private Answer call(NewToken token, String billTo) throws Exception {
    Client client = new Client(house.port(), token.secret().reveal(), "test/m1:one");
    String body = client.chat("\"max_tokens\":5", "\"sandbox\":{\"tokens\":5}");
    return billTo.isEmpty() ? client.post(body) : client.post(body, BILL_TO, billTo);
  }

  private void paid(NewToken token, String billTo, Guest by) throws Exception {
    Nanos before = house.posted(by);
    Answer answer = call(token, billTo);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    assertThat(house.posted(by)).isGreaterThan(before);
  }

  private void refused(NewToken token, String billTo, String whom, String only) throws Exception {
    long seen = house.callsSeen();
    Answer answer = call(token, billTo);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(403);
    assertThat(answer.error().path("code").asString()).isEqualTo("missing_permission");
    assertThat(answer.error().path("permission").asString())
        .isEqualTo("inference.serverless.write");
    assertThat(answer.error().path("message").asString())
        .startsWith(
            "This authentication method does not have sufficient permissions to call Inference"
                + " Providers on behalf of "
                + whom)
        .contains("this token is for " + only + " only");
    assertThat(house.callsSeen()).as("calls that providers saw").isEqualTo(seen);
  }

  private static Guest of(Payer payer) {
    return new Guest("", payer.wallet());
  }

  @Test
  void oneForAnOrganizationBillsThatOnly() throws Exception {
    NewToken token = token(Permissions.DEFAULT, false, "ACME");
    paid(token, "acme", of(acme));
    paid(token, lab.hubId(), of(acme));
    paid(token, NOBODY, of(acme));
    refused(token, "globex", "org globex", "acme");
    refused(token, "ann", "user ann", "acme");
  }

  @Test
  void oneForSeveralHasToBeToldWhich() throws Exception {
    NewToken token = token(Permissions.DEFAULT, false, "globex", "acme");
    paid(token, "acme", of(acme));
    paid(token, "globex", of(globex));
    refused(token, NOBODY, "user ann", "acme, globex");
    RunningHouse.done(
        house.identities().organizations().setDefaultPayer(token.token().id(), "globex"));
    paid(token, NOBODY, of(globex));
  }

  @Test
  void oneForTheUserAsWellPaysFromTheirWallet() throws Exception {
    NewToken both = token(Permissions.DEFAULT, true, "acme");
    paid(both, NOBODY, ann);
    paid(both, "acme", of(acme));
    refused(both, "globex", "org globex", "ann, acme");
    NewToken own = token(Permissions.DEFAULT, true);
    paid(own, NOBODY, ann);
    refused(own, "acme", "org acme", "ann");
  }

  @Test
  void aPayerOutsideIsNoDefault() {
    NewToken token = token(Permissions.DEFAULT, false, "acme");
    for (String payer : List.of("globex", NOBODY)) {
      assertThat(
              house.identities().organizations().setDefaultPayer(token.token().id(), payer)
                      instanceof Outcome.Refused<Token>(String message)
                  ? message
                  : "")
          .isEqualTo(
              "token %s is not for '%s': make another one that is"
                  .formatted(token.token().id(), payer.isEmpty() ? "ann" : payer));
    }
  }

  @Test
  void oneWithoutThePermissionBillsNobody() throws Exception {
    NewToken token = token(Set.of("user.billing.read"), false, "acme");
    Answer answer = call(token, "acme");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.error().path("message").asString())
        .contains("the token needs the permission inference.serverless.write");
  }

  /// A release that knows no scopes reads the token's own permissions, and finds none.
  @Test
  void anOlderReleaseRefusesSuchATokenRatherThanLetItGoEverywhere() {
    NewToken token = token(Permissions.DEFAULT, false, "acme");
    assertThat(token.token().permissions()).isEqualTo(Permissions.DEFAULT);
    assertThat(
            house
                .database()
                .<String>read(
                    handle ->
                        handle
                            .createQuery("SELECT permissions FROM token WHERE id = :id")
                            .bind("id", token.token().id().value())
                            .mapTo(String.class)
                            .one()))
        .isEmpty();
  }
}
