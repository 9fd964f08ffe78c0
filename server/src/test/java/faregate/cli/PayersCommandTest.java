package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.kit.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Organizations, limits and purchases as an operator types them: beside a running server, and
/// without one.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PayersCommandTest {
  @TempDir private static Path data;
  @TempDir private static Path alone;
  private Serving serving;
  private String token = "";

  @BeforeAll
  void open() throws Exception {
    Common common = new Common(data, null, false);
    Folder folder = common.folder();
    serving = Serving.start(folder, common.config(folder), common, 0);
    new Welcome(serving, new java.io.PrintWriter(java.io.Writer.nullWriter())).print(true);
    for (String line :
        List.of(
            "user create ann",
            "user create bob",
            "org create acme --tier enterprise --seats 2",
            "org create globex",
            "org member-add acme ann",
            "org group-create acme lab")) {
      assertThat(run(line).err()).isEmpty();
    }
    token = json("token create --user ann").at("/about/id").asString();
  }

  @AfterAll
  void close() {
    serving.close();
  }

  private static Ran run(Path folder, String line) {
    List<String> args = new ArrayList<>(List.of(line.split(" ", -1)));
    args.add("--data");
    args.add(folder.toString());
    return Ran.of(args.toArray(String[]::new));
  }

  private Ran run(String line) {
    return run(data, line.replace("TOKEN", token));
  }

  private JsonNode json(String line) {
    Ran ran = run(line + " --json");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    return Json.MAPPER.readTree(ran.out());
  }

  private static List<String> fields(JsonNode node) {
    return Stream.of(node.propertyNames().toArray(String[]::new)).toList();
  }

  @Test
  void anOrganizationIsShownAsItIsAfterEachChange() {
    assertThat(run("org create initech --tier enterprise --seats 3").out())
        .isEqualTo("initech: enterprise tier, 3 seats, $6.00 left.\n");
    run("user create tom");
    run("user create bea");
    assertThat(run("org member-add initech tom").out()).contains("  member tom (write)\n");
    assertThat(run("org member-add initech bea --role read").out())
        .contains("  member bea (read)\n", "  member tom (write)\n");
    assertThat(run("org member-add initech bea --role admin").out())
        .contains("  member bea (admin)\n")
        .doesNotContain("(read)");
    assertThat(run("org seats initech 5").out())
        .startsWith("initech: enterprise tier, 5 seats, $10.00 left.");
    assertThat(run("org seats initech 1").out())
        .as("nothing is taken back")
        .startsWith("initech: enterprise tier, 1 seats, $10.00 left.");
    assertThat(run("org group-create initech tps").out())
        .containsPattern("Resource group tps: bill to it by X-HF-Bill-To: [0-9a-f]{24}");
    assertThat(run("org group-add initech tps tom").code()).isZero();
    assertThat(run("org group-remove initech tps tom").code()).isZero();
    assertThat(run("org member-remove initech bea").out()).doesNotContain("bea");
    assertThat(run("org list").out())
        .contains("initech: enterprise", "acme: enterprise", "globex: team");
  }

  @Test
  void asJsonItHasTheSameShapeEverywhere() {
    JsonNode made = json("org create hooli --seats 4");
    assertThat(fields(made))
        .containsExactly(
            "name",
            "tier",
            "seats",
            "wallet",
            "left_usd",
            "held_usd",
            "members",
            "groups",
            "limits");
    assertThat(made.path("left_usd").asString()).isEqualTo("8.00");
    assertThat(made.path("seats").longValue()).isEqualTo(4);
    assertThat(json("org list").isArray()).isTrue();
    run("user create gavin");
    run("org member-add hooli gavin --role admin");
    JsonNode limited = json("limit hooli 2.5 --member gavin");
    assertThat(fields(limited)).containsExactly("name", "scope", "usd", "limits");
    JsonNode shown = json("org seats hooli 4");
    assertThat(shown.path("members").get(0).path("role").asString()).isEqualTo("admin");
    assertThat(shown.path("limits").get(0).path("scope").asString()).isEqualTo("member");
    assertThat(shown.path("limits").get(0).path("subject").asString()).isEqualTo("gavin");
    assertThat(shown.path("limits").get(0).path("usd").asString()).isEqualTo("2.50");
    JsonNode bought = json("purchase --user hooli --usd 1.5 --ref j-1");
    assertThat(fields(bought))
        .containsExactly("user", "usd", "ref", "repeated", "debt_usd", "left_usd");
    assertThat(bought.path("left_usd").asString()).isEqualTo("9.50");
    assertThat(bought.path("repeated").booleanValue()).isFalse();
    JsonNode reversed = json("purchase --user hooli --reverse --ref j-1");
    assertThat(reversed.path("left_usd").asString()).isEqualTo("8.00");
    assertThat(json("purchase --user hooli --reverse --ref j-1").path("repeated").booleanValue())
        .isTrue();
  }

  @Test
  void limitsAreSetRaisedAndTakenAway() {
    assertThat(run("limit acme 3 --member ann").out())
        .isEqualTo("acme: limit member is $3.00 a month.\n");
    assertThat(run("limit acme none --member ann").out())
        .isEqualTo("acme: limit member is none.\n");
    assertThat(run("limit acme 1 --group lab").out()).contains("limit group is $1.00");
    assertThat(run("limit acme 1 --token TOKEN").out()).contains("limit token is $1.00");
    assertThat(run("limit acme 0.5").out()).contains("limit account is $0.50");
    assertThat(run("limit acme none").code()).isZero();
    assertThat(run("limit acme 2 --beyond-credit").out()).contains("limit payg is $2.00");
    assertThat(run("org list").out()).contains("acme: enterprise tier, 2 seats, $6.00 left.");
    assertThat(run("limit acme none --beyond-credit").code()).isZero();
    assertThat(run("org list").out()).contains("acme: enterprise tier, 2 seats, $4.00 left.");
  }

  @Test
  void aPaymentCountsOnceAndIsTakenBackOnce() {
    assertThat(run("purchase --user bob --usd 5 --ref p-1").out())
        .isEqualTo("Booked p-1: $5.10 left, $0.00 owed.\n");
    assertThat(run("purchase --user bob --usd 5 --ref p-1").out())
        .contains("$5.10 left", "It had been done before; nothing changed.");
    Ran other = run("purchase --user bob --usd 6 --ref p-1");
    assertThat(other.err())
        .isEqualTo("faregate: 'p-1' was used before: the amount was $5. Choose another --ref.\n");
    assertThat(other.code()).isEqualTo(1);
    assertThat(run("purchase --user bob --reverse --ref p-1").out())
        .isEqualTo("Reversed p-1: $0.10 left, $0.00 owed.\n");
    assertThat(run("purchase --user bob --usd 5 --ref p-1").out()).contains("$0.10 left");
    assertThat(run("audit").out()).startsWith("Clean.");
  }

  @Test
  void aPaymentIsCreditedToOneAccountOnly() {
    assertThat(run("purchase --user bob --usd 3 --ref once").code()).isZero();
    Ran twice = run("purchase --user ann --usd 3 --ref once");
    assertThat(twice.err())
        .isEqualTo(
            "faregate: 'once' was booked for bob before: a payment counts for one account only."
                + " Choose another --ref.\n");
    assertThat(twice.code()).isEqualTo(1);
    assertThat(json("usage --user ann").get(0).path("left_usd").asString()).isEqualTo("0.10");
    assertThat(run("purchase --user ann --usd 9000000000 --ref huge").code()).isNotZero();
    assertThat(run("purchase --user bob --usd 1 --ref huge").err())
        .as("what was not booked is nobody's")
        .isEmpty();
  }

  @Test
  void anOrganizationMovesToAnotherTier() {
    run("org create stark");
    assertThat(run("org group-create stark lab").code()).isEqualTo(1);
    assertThat(run("org tier stark enterprise").out())
        .isEqualTo("stark: enterprise tier, 1 seats, $2.00 left.\n");
    assertThat(run("org group-create stark lab").code()).isZero();
    assertThat(json("org tier stark team").path("tier").asString()).isEqualTo("team");
  }

  @Test
  void aTokenHasAPayerOfItsOwn() {
    assertThat(run("token payer TOKEN acme").code()).isZero();
    Ran stranger = run("token payer TOKEN globex");
    assertThat(stranger.err()).contains("'ann' may not let 'globex' pay");
    assertThat(stranger.code()).isEqualTo(1);
    assertThat(json("token payer TOKEN").path("payer").isNull()).isTrue();
  }

  @Test
  void aTokenIsForCertainAccounts() {
    run("org create massive");
    run("org member-add massive ann");
    JsonNode made = json("token create --user ann --name both --org acme --org massive --own");
    assertThat(made.at("/about/accounts").valueStream().map(JsonNode::asString))
        .containsExactly("ann", "acme", "massive");
    assertThat(json("token create --user ann --name one --org acme").at("/about/accounts"))
        .hasSize(1);
    assertThat(run("token list --user ann").out().lines())
        .anyMatch(line -> line.contains(" both ") && line.contains(" ann,acme,massive "))
        .anyMatch(line -> line.contains(" one ") && line.contains(" acme "))
        .anyMatch(line -> line.contains(" token ") && line.contains(" all "));
    String id = made.at("/about/id").asString();
    run("org member-add globex ann");
    assertThat(run("token payer " + id + " globex").err())
        .isEqualTo(
            "faregate: Token %s is not for 'globex': make another one that is.\n".formatted(id));
    run("org member-remove globex ann");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          org create acme                              | 1 | The name 'acme' is taken
          org create ann                               | 1 | The name 'ann' is taken
          org create a!b                               | 2 | 'a!b' cannot be a name
          org create new --tier gold                   | 2 | There is no tier 'gold'.
          org create new --tier pro                    | 2 | An organization is of the tier team or enterprise
          org create new --seats 0                     | 2 | An organization has 1 to 1000000 seats, not 0
          org create new --seats many                  | 2 | 'many' is no number of seats
          org tier acem team                           | 1 | There is no organization 'acem'. Did you mean 'acme'?
          org tier acme pro                            | 2 | An organization is of the tier team or enterprise, not pro
          org tier acme gold                           | 2 | There is no tier 'gold'.
          org seats acem 3                             | 1 | There is no organization 'acem'. Did you mean 'acme'?
          org seats ann 3                              | 1 | There is no organization 'ann'.
          org seats acme 2000000                       | 2 | An organization has 1 to 1000000 seats
          org member-add acme ghost                    | 1 | There is no user 'ghost'.
          org member-add acme bob --role boss          | 2 | There is no role 'boss'.
          org member-remove acme bob                   | 1 | 'bob' is no member of 'acme'
          org group-create globex lab                  | 1 | Resource groups need the tier enterprise
          org group-create acme lab                    | 1 | 'acme' has a group 'lab' already
          org group-add acme labs ann                  | 1 | 'acme' has no group 'labs'
          org group-add acme lab bob                   | 1 | 'bob' is no member of 'acme'
          limit nobody 3                               | 1 | There is no account 'nobody'.
          limit acme five                              | 2 |
          limit acme 3 --member bob                    | 1 | 'bob' is no member of 'acme': add them first
          limit acme 3 --member ghost                  | 1 | There is no user 'ghost'.
          limit bob 3 --member ann                     | 1 | 'bob' is a user and has no members
          limit acme 3 --group labs                    | 1 | 'acme' has no group 'labs'
          limit acme 3 --token 12                      | 1 | There is no token with the id 12
          limit globex 3 --token TOKEN                 | 1 | 'ann' is no member of 'globex'
          limit acme 3 --member ann --group lab        | 2 |
          purchase --user ghost --usd 5 --ref x        | 1 | There is no account 'ghost'.
          purchase --user bob --ref x                  | 2 | Say how much was paid: --usd AMOUNT
          purchase --user bob --usd 5 --ref x --reverse| 2 | A reversal takes back the whole purchase
          purchase --user bob --usd 0 --ref x          | 2 |
          purchase --user bob --usd=-5 --ref x         | 2 |
          purchase --user bob --usd 5                  | 2 | Missing required option: '--ref=TEXT'
          purchase --user bob --reverse --ref none-such| 1 | bob has no purchase with the reference 'none-such'
          token create --user ann --org globx          | 1 | 'ann' is in no organization 'globx': add them first
          token create --user ann --org                | 2 |
          token payer abc acme                         | 2 | 'abc' is no token id
          token payer 12 acme                          | 1 | There is no token with the id 12
          token payer 1900000000000000012 acme         | 1 | There is no token with the id 1900000000000000012
          token payer 9900000000000000012 acme         | 2 | '9900000000000000012' is no token id
          token payer 0 acme                           | 2 | '0' is no token id
          token revoke 1900000000000000012             | 1 | There is no token with the id 1900000000000000012
          token limit 9900000000000000012 --requests-per-hour 5 | 2 | '9900000000000000012' is no token id
          limit acme 3 --token 1900000000000000012     | 1 | There is no token with the id 1900000000000000012
          limit acme 3 --token 9900000000000000012     | 1 | There is no token with the id 9900000000000000012
          """)
  void whatIsAskedWronglyIsNamed(String line, int code, String words) {
    Ran ran = run(line.strip());
    assertThat(ran.err()).startsWith("faregate: ").contains(words == null ? "" : words);
    assertThat(ran.err()).doesNotContain("\tat ", "Exception");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).as(ran.err()).isEqualTo(code);
  }

  @Test
  void aNegativeLimitIsNoLimit() {
    assertThat(run("limit acme -- -1").code()).isEqualTo(2);
  }

  /// The example of README, line by line.
  @Test
  void whatReadmeShowsWorks(@TempDir Path folder) throws Exception {
    String readme = Files.readString(Path.of("../README.md"));
    String section = readme.substring(readme.indexOf("## Who pays"));
    String example = section.substring(section.indexOf("```sh\n") + 6);
    String id = "";
    int ran = 0;
    for (String line : example.substring(0, example.indexOf("```")).lines().toList()) {
      String typed = line.replaceAll(" *#.*", "");
      if (typed.startsWith("ID=")) {
        id =
            run(folder, "token list --user ann")
                .out()
                .lines()
                .map(each -> each.strip().split(" +"))
                .filter(cells -> cells[2].equals("ci"))
                .findFirst()
                .orElseThrow()[0];
      } else {
        String command = typed.replace("./faregate ", "").replace("\"$ID\"", id);
        assertThat(run(folder, command).err()).as(typed).isEmpty();
        ran++;
      }
    }
    assertThat(ran).isEqualTo(8);
    assertThat(run(folder, "org list").out())
        .contains("acme: enterprise tier, 5 seats, $10.00 left.", "limit member ann $3.00");
  }

  @Test
  void allOfItWorksWhileNobodyServes() {
    for (String line : List.of("user create ann", "org create acme", "org member-add acme ann")) {
      assertThat(run(alone, line).err()).isEmpty();
    }
    assertThat(run(alone, "limit acme 1 --member ann").out()).contains("$1.00 a month");
    assertThat(run(alone, "purchase --user acme --usd 5 --ref p").out())
        .isEqualTo("Booked p: $7.00 left, $0.00 owed.\n");
    assertThat(run(alone, "purchase --user acme --usd 6 --ref p").code()).isEqualTo(1);
    assertThat(run(alone, "org seats none 3").code()).isEqualTo(1);
    assertThat(run(alone, "org list").out())
        .contains(
            "acme: team tier, 1 seats, $7.00 left.",
            "member ann (write)",
            "limit member ann $1.00 a month");
  }
}
