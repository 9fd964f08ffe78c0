package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.WalletId;
import faregate.identity.Caller;
import faregate.identity.NewToken;
import faregate.identity.Permissions;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Json;
import faregate.ledger.LedgerReads;
import faregate.money.Nanos;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Who is not let in, over real sockets: each in the words of the contract, and nothing is sent to
/// a provider for any of them.
class RefusalsAtTheDoorTest {
  private static final CallSettings QUICK = new CallSettings(8, 1, 1_000, 2, 2, 1, 2, 1 << 20);
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final int BODY_BYTES_MAX = 1 << 20;
  private static final Duration SLOW = Duration.ofMillis(400);
  @TempDir private static Path folder;
  private static RunningHouse house;
  private Guest guest = new Guest("", new WalletId(1));
  private String name = "";
  private String model = "";
  private Client client = new Client(1, "", "");
  private long seen;

  @BeforeAll
  static void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("door.db"),
            QUICK,
            server -> server.withBodyBytesMax(BODY_BYTES_MAX).withTimeouts(SLOW, SLOW, SLOW));
  }

  @AfterAll
  static void close() throws Exception {
    LedgerReads.AuditReport audit = house.ledger().audit();
    assertThat(audit.wrong()).isNull();
    assertThat(audit.holds()).isZero();
    house.close();
  }

  @BeforeEach
  void meet() {
    int number = NAMES.incrementAndGet();
    name = "guest" + number;
    guest = house.guest(name);
    model = "test/m" + number + ":one";
    client = as(guest.token());
    seen = house.callsSeen();
  }

  private Client as(String token) {
    return new Client(house.port(), token, model);
  }

  private void nothingWasSent() {
    assertThat(house.callsSeen()).as("calls that providers saw").isEqualTo(seen);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
    assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO);
  }

  // ---- credit ----

  @Test
  void creditThatIsHeldIsWorthWaitingFor() throws Exception {
    String all = client.chat("\"max_tokens\":9900", "\"sandbox\":{\"delay_ms\":2500}");
    CompletableFuture<Answer> running = client.postLater(all);
    await().until(() -> house.pending(guest).value() > 0);
    await().until(() -> house.callsSeen() == seen + 1);
    Answer answer = client.post(client.chat("\"max_tokens\":9900"));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(429);
    assertThat(answer.error().path("code").asString()).isEqualTo("credit_held");
    assertThat(Integer.parseInt(answer.header("retry-after"))).isPositive();
    long held = answer.error().path("held_nano_usd").longValue();
    assertThat(held).isEqualTo(house.pending(guest).value()).isPositive();
    assertThat(answer.error().path("left_nano_usd").longValue()).isEqualTo(100_000_000);
    assertThat(house.callsSeen()).isEqualTo(seen + 1);
    assertThat(running.get().status()).isEqualTo(200);
    assertThat(client.post(client.chat("\"max_tokens\":9000")).status()).isEqualTo(200);
  }

  // ---- who asks ----

  @Test
  void aTokenWithoutThePermissionIsToldWhichOne() throws Exception {
    NewToken token =
        house.token(
            new TokenRequest(name, Set.of(Caller.BILLING), Token.NEVER, "bills only", false));
    Answer answer = as(token.secret().reveal()).post(client.chat());
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.error().path("code").asString()).isEqualTo("missing_permission");
    assertThat(answer.error().path("permission").asString()).isEqualTo(Caller.INFERENCE);
    assertThat(answer.error().path("message").asString())
        .contains("sufficient permissions to call Inference Providers on behalf of user " + name);
    assertThat(answer.header("x-error-message")).contains("sufficient permissions");
    nothingWasSent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic aGY6aGY=", "Bearer "})
  void withoutATokenNobodyIsServed(String authorization) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + house.port() + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(client.chat()));
    if (!authorization.isEmpty()) {
      request.header("authorization", authorization);
    }
    Answer answer;
    try (HttpClient http = HttpClient.newHttpClient()) {
      answer = new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    }
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.error().path("code").asString()).isEqualTo("missing_token");
    assertThat(answer.header("x-error-message")).isEqualTo("Invalid username or password.");
    nothingWasSent();
  }

  @Test
  void aRevokedTokenIsRefusedWithinASecond() throws Exception {
    NewToken token = house.token(TokenRequest.of(name));
    Client holder = as(token.secret().reveal());
    assertThat(holder.post(client.chat()).status()).isEqualTo(200);
    house.revoke(token.token().id());
    await().atMost(Duration.ofSeconds(1)).until(() -> holder.post(client.chat()).status() == 401);
    assertThat(holder.post(client.chat()).error().path("code").asString())
        .isEqualTo("invalid_token");
    assertThat(client.post(client.chat()).status()).as("the other token").isEqualTo(200);
  }

  @Test
  void anExpiredTokenIsRefused() throws Exception {
    long soon = house.ledger().nowMicros() + 900_000;
    NewToken token = house.token(new TokenRequest(name, Permissions.DEFAULT, soon, "short", false));
    Client holder = as(token.secret().reveal());
    assertThat(holder.post(client.chat()).status()).isEqualTo(200);
    await().until(() -> house.ledger().nowMicros() > soon);
    Answer answer = holder.post(client.chat());
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.error().path("code").asString()).isEqualTo("invalid_token");
  }

  // ---- what is asked ----

  @Test
  void aBodyTooLargeIs413() throws Exception {
    String fill = "\"user\":\"" + "a".repeat(BODY_BYTES_MAX) + "\"";
    Answer answer = client.post(client.chat(fill));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.error().path("code").asString()).isEqualTo("request_too_large");
    nothingWasSent();
  }

  @Test
  void aHeadTooLargeIs431() throws Exception {
    JsonNode error = rawError(431, "x: " + "a".repeat(17 << 10) + "\r\n\r\n");
    assertThat(error.at("/error/message").asString("")).as(error.toString()).isNotEmpty();
    nothingWasSent();
  }

  @Test
  void aBodyThatIsTooSlowIs408() throws Exception {
    JsonNode error = rawError(408, "content-length: 100\r\n\r\n{");
    assertThat(error.at("/error/code").asString()).isEqualTo("slow_sender");
    assertThat(error.at("/error/message").asString()).isNotEmpty();
    nothingWasSent();
  }

  private JsonNode rawError(int status, String more) throws IOException {
    String heard =
        RawClient.all(
            house.port(),
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
                + guest.token()
                + "\r\n"
                + more);
    assertThat(heard).startsWith("HTTP/1.1 " + status + " ").contains("x-request-id: ");
    return Json.MAPPER.readTree(heard.substring(heard.indexOf("\r\n\r\n") + 4));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"n\":0', n",
    "'\"n\":129', n",
    "'\"n\":9000000000000000000', n",
    "'\"n\":1.5', n",
    "'\"max_tokens\":0', max_tokens",
    "'\"max_tokens\":90000000000000000000', max_tokens",
    "'\"max_completion_tokens\":-1', max_completion_tokens",
  })
  void numbersOutOfRangeAreNamed(String field, String param) throws Exception {
    Answer answer = client.post(client.chat(field));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(400);
    assertThat(answer.error().path("code").asString()).isEqualTo("invalid_request");
    assertThat(answer.error().path("param").asString()).isEqualTo(param);
    nothingWasSent();
  }

  /// A limit beyond all bounds asks for the most that the model gives, times `n`, and not for less
  /// by an overflow.
  @ParameterizedTest
  @CsvSource({"1, 163", "128, 20971"})
  void aHugeLimitIsHeldInFull(int choices, long leastMillisUsd) throws Exception {
    Answer answer =
        client.post(client.chat("\"max_tokens\":9000000000000000000", "\"n\":" + choices));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(402);
    assertThat(answer.error().path("needed_nano_usd").longValue())
        .isBetween(leastMillisUsd * 1_000_000, (leastMillisUsd + 3) * 1_000_000);
    nothingWasSent();
    house.grant(guest, "30");
    Answer served =
        client.post(client.chat("\"max_tokens\":9000000000000000000", "\"n\":" + choices));
    assertThat(served.status()).isEqualTo(200);
    assertThat(served.header("x-faregate-output-limit")).isEqualTo("16384");
  }

  @Test
  void aTokenThatClampsLowersTheLimitToTheCredit() throws Exception {
    String wish = client.chat("\"max_tokens\":16384");
    assertThat(client.post(wish).status()).isEqualTo(402);
    NewToken token =
        house.token(new TokenRequest(name, Permissions.DEFAULT, Token.NEVER, "clamps", true));
    Answer answer = as(token.secret().reveal()).post(wish);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    long limit = Long.parseLong(answer.header("x-faregate-output-limit"));
    assertThat(limit).isBetween(1_024L, 10_000L);
    assertThat(Long.parseLong(answer.header("x-faregate-held-nano-usd")))
        .isBetween(limit * 10_000, 100_000_000L);
    assertThat(house.posted(guest).value()).isEqualTo(house.bill(answer.id()).costNanoUsd());
  }
}
