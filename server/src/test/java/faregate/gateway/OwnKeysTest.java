package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.WalletId;
import faregate.identity.Limit.Scope;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.kit.Secret;
import faregate.ledger.LedgerReads;
import faregate.money.Nanos;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls with keys of the payer's own: through the door, at simulated providers that tell their
/// callers apart.
class OwnKeysTest {
  private static final CallSettings QUICK = new CallSettings(60, 1, 1_000, 20, 20, 1, 10, 1 << 20);
  private static final String OURS = "sk-of-the-operator";
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  @TempDir private static Path folder;
  private static KeyedProvider keyed;
  private static KeyedProvider other;
  private static RunningHouse house;
  private String name = "";
  private String own = "";
  private Guest guest = new Guest("", new WalletId(1));
  private Client client = new Client(1, "", "");

  @BeforeAll
  static void open() throws Exception {
    keyed = new KeyedProvider();
    other = new KeyedProvider();
    house = new RunningHouse(folder.resolve("own.db"), QUICK, providers());
  }

  private static String providers() {
    String offer =
        """
              - {id: test/own, provider_model: k, input_usd_per_mtok: 1, output_usd_per_mtok: 10,
                 context_tokens: 65536, max_output_tokens: 1024}
        """;
    return """
      keyed:
        base_url: %s
        key: %s
        models:
    %s  other:
        base_url: %s
        key: %s
        models:
    %s  groq:
        base_url: %s
        models:
          - {id: test/keyless, provider_model: k, context_tokens: 65536}
    """
        .formatted(keyed.baseUrl(), OURS, offer, other.baseUrl(), OURS, offer, keyed.baseUrl());
  }

  @AfterAll
  static void close() throws Exception {
    LedgerReads.AuditReport audit = house.ledger().audit();
    assertThat(audit.wrong()).isNull();
    assertThat(audit.holds()).isZero();
    house.close();
    keyed.close();
    other.close();
  }

  @BeforeEach
  void meet() {
    int number = NUMBERS.incrementAndGet();
    name = "alice" + number;
    own = "sk-own-of-alice-" + number + "-marker";
    guest = house.guest(name);
    client = new Client(house.port(), guest.token(), "test/own");
  }

  private static Payer payer(String account) {
    return RunningHouse.done(house.identities().organizations().payer(account));
  }

  private static void set(String account, String provider, String key) {
    house.providerKeys().set(payer(account).account(), provider, new Secret(key));
  }

  /// Nothing more may be spent of an account's wallet.
  private static void exhaust(String account) {
    RunningHouse.done(
        house.identities().organizations().limit(account, Scope.ACCOUNT, "", Nanos.ZERO));
  }

  private Facts facts(Answer answer) {
    return FactsCodec.decode(house.ended(answer.id()).facts());
  }

  private static long uses(KeyedProvider provider, String key) {
    return provider.keys().stream().filter(key::equals).count();
  }

  /// The wallet could pay; it must not.
  @Test
  void aKeyThatCannotBeReadRefusesTheCallAndNothingIsPosted() throws Exception {
    long account = payer(name).account().value();
    house
        .database()
        .write(
            handle ->
                handle.execute(
                    """
                    INSERT INTO provider_key (id, account, provider, ciphertext, changed)
                    VALUES (?, ?, 'keyed', 'bm90aGluZw==', 0)
                    """,
                    house.database().ids().next(),
                    account));
    house.providerKeys().delete(payer(name).account(), "other");
    int before = keyed.keys().size() + other.keys().size();
    Answer refused = client.post(client.chat());
    assertThat(refused.status()).isEqualTo(500);
    assertThat(refused.json().at("/error/code").stringValue())
        .isEqualTo("provider_keys_unreadable");
    assertThat(keyed.keys().size() + other.keys().size()).isEqualTo(before);
    house.providerKeys().delete(payer(name).account(), "keyed");
    assertThat(client.post(client.chat()).status()).isEqualTo(200);
  }

  @Test
  void theProviderBillsAndNoCreditIsNeeded() throws Exception {
    exhaust(name);
    assertThat(client.post(client.chat()).status()).isEqualTo(402);
    set(name, "keyed", own);
    Answer whole = client.post(client.chat());
    assertThat(whole.status()).as(whole.raw().body()).isEqualTo(200);
    assertThat(whole.json().at("/usage/cost_nano_usd").longValue()).isZero();
    Answer streamed = client.post(client.chat("\"stream\":true"));
    assertThat(streamed.events().getLast()).isEqualTo("data: [DONE]");
    assertThat(uses(keyed, own)).isEqualTo(2);
    for (Answer answer : List.of(whole, streamed)) {
      Facts facts = facts(answer);
      assertThat(facts.payment().byok()).isTrue();
      assertThat(facts.quantities().promptTokens()).isEqualTo(5);
      assertThat(facts.quantities().answerTokens()).isEqualTo(2);
      assertThat(house.ended(answer.id()).held()).isEqualTo(Nanos.ZERO);
      assertThat(house.ending(answer.id()).charge()).isEqualTo(Nanos.ZERO);
      assertThat(answer.header("x-inference-provider")).isEqualTo("keyed");
    }
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }

  @Test
  void aTierWithItsOwnPricesIsForThoseWhomTheProviderBills() throws Exception {
    String faster = client.chat("\"service_tier\":\"priority\"");
    int before = keyed.keys().size() + other.keys().size();
    Answer refused = client.post(faster);
    assertThat(refused.status()).as(refused.raw().body()).isEqualTo(400);
    assertThat(refused.error().path("code").stringValue()).isEqualTo("service_tier_unpriced");
    assertThat(refused.error().path("param").stringValue()).isEqualTo("service_tier");
    assertThat(refused.error().path("message").stringValue()).contains("'default'", "Leave it out");
    assertThat(keyed.keys().size() + other.keys().size()).isEqualTo(before);
    assertThat(client.post(client.chat("\"service_tier\":\"default\"")).status()).isEqualTo(200);
    set(name, "keyed", own);
    assertThat(client.post(faster).status()).isEqualTo(200);
    assertThat(uses(keyed, own)).isEqualTo(1);
  }

  @Test
  void onlyItsOwnerUsesIt() throws Exception {
    set(name, "keyed", own);
    Guest stranger = house.guest("stranger" + name);
    Client theirs = new Client(house.port(), stranger.token(), "test/own:keyed");
    long before = uses(keyed, OURS);
    assertThat(theirs.post(theirs.chat()).status()).isEqualTo(200);
    assertThat(uses(keyed, OURS)).isEqualTo(before + 1);
    assertThat(uses(keyed, own)).isZero();
    assertThat(house.posted(stranger).value()).isEqualTo(5 * 1_000 + 2 * 10_000);
  }

  @Test
  void anotherProviderThatIsNamedIsPaidByCredit() throws Exception {
    set(name, "keyed", own);
    assertThat(client.of("test/own:other").post(client.of("test/own:other").chat()).status())
        .isEqualTo(200);
    assertThat(house.posted(guest).value()).isEqualTo(5 * 1_000 + 2 * 10_000);
    assertThat(uses(keyed, own)).isZero();
  }

  @Test
  void whoPaysHasTheKeys() throws Exception {
    String org = "acme" + name;
    RunningHouse.done(house.identities().organizations().create(org, Tier.TEAM, 1));
    RunningHouse.done(house.identities().organizations().addMember(org, name, Role.WRITE));
    set(org, "keyed", "sk-of-" + org);
    set(name, "other", own);
    assertThat(client.post(client.chat(), "X-HF-Bill-To", org).status()).isEqualTo(200);
    assertThat(uses(keyed, "sk-of-" + org)).isEqualTo(1);
    assertThat(uses(other, own)).isZero();
    Answer mine = client.post(client.chat());
    assertThat(uses(other, own)).isEqualTo(1);
    assertThat(facts(mine).payment().account()).isZero();
  }

  @Test
  void aKeyThatIsRefusedIsTheCallersToMendAndNobodyElseSuffers() throws Exception {
    keyed.refuse(own, 401);
    set(name, "keyed", own);
    Answer refused = client.post(client.chat());
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.error().path("code").stringValue()).isEqualTo("provider_key_refused");
    assertThat(refused.error().path("message").stringValue())
        .contains("keyed", "your own key")
        .doesNotContain(own);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
    assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO);
    Guest stranger = house.guest("stranger" + name);
    Client theirs = new Client(house.port(), stranger.token(), "test/own:keyed");
    assertThat(theirs.post(theirs.chat()).status()).isEqualTo(200);
  }

  @Test
  void anotherKeyOfOnesOwnIsTriedAndNeverTheOperators() throws Exception {
    keyed.refuse(own, 402);
    set(name, "keyed", own);
    set(name, "other", own + "2");
    assertThat(client.post(client.chat()).status()).isEqualTo(200);
    other.refuse(own + "2", 403);
    assertThat(client.post(client.chat()).status()).isEqualTo(400);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }

  @Test
  void aBusyAccountThereCoolsNothingForOthers() throws Exception {
    keyed.refuse(own, 429);
    set(name, "keyed", own);
    assertThat(client.post(client.chat()).status()).isEqualTo(429);
    Guest stranger = house.guest("stranger" + name);
    Client theirs = new Client(house.port(), stranger.token(), "test/own:keyed");
    assertThat(theirs.post(theirs.chat()).status()).isEqualTo(200);
  }

  @Test
  void aDeletedKeyIsUsedNoMore() throws Exception {
    set(name, "keyed", own);
    assertThat(client.post(client.chat()).status()).isEqualTo(200);
    assertThat(house.providerKeys().delete(payer(name).account(), "keyed")).isTrue();
    Client there = client.of("test/own:keyed");
    assertThat(there.post(there.chat()).status()).isEqualTo(200);
    assertThat(uses(keyed, own)).isEqualTo(1);
    assertThat(house.posted(guest).value()).isEqualTo(5 * 1_000 + 2 * 10_000);
  }

  @Test
  void aProviderWithoutAKeyOfOursAndAPriceServesWhoHasOne() throws Exception {
    Client there = client.of("test/keyless:groq");
    assertThat(there.post(there.chat()).status()).isEqualTo(400);
    set(name, "groq", own);
    Answer answer = there.post(there.chat());
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    assertThat(uses(keyed, own)).isEqualTo(1);
  }

  @Test
  void anIdempotencyKeyCountsForThemToo() throws Exception {
    set(name, "keyed", own);
    assertThat(client.post(client.chat(), "Idempotency-Key", "k1").status()).isEqualTo(200);
    assertThat(client.post(client.chat(), "Idempotency-Key", "k1").status()).isEqualTo(409);
    assertThat(uses(keyed, own)).isEqualTo(1);
  }

  @Test
  void itStandsNowhereInClear() throws Exception {
    keyed.refuse(own + "-bad", 401);
    set(name, "other", own + "-bad");
    set(name, "keyed", own + "-bad");
    Answer refused = client.post(client.chat());
    set(name, "keyed", own);
    Answer served = client.post(client.chat());
    for (Answer answer : List.of(refused, served)) {
      assertThat(answer.raw().body()).doesNotContain(own);
      assertThat(answer.raw().headers().map().toString()).doesNotContain(own);
    }
    assertThat(house.providerKeys().of(payer(name).account()).toString()).doesNotContain(own);
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).isNotEmpty().noneMatch(this::holdsIt);
    }
  }

  private boolean holdsIt(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(own);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
