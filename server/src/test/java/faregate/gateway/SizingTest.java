package faregate.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Offer;
import faregate.dialect.ChatRequest;
import faregate.id.OfferId;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SizingTest {
  private static final Offer SANDBOX = offer("sandbox", 1_000_000, 10_000_000, 65_536, 16_384);
  private static final Offer DEAR = offer("dear", 3_000_000, 15_000_000, 200_000, 8_192);

  private static Offer offer(String provider, long in, long out, int context, int outputMax) {
    return new Offer(
        new OfferId(provider, "m"),
        "org/m",
        "conversational",
        Tariff.tokens(in, out, "v"),
        context,
        outputMax,
        OptionalInt.empty(),
        true,
        true,
        false,
        Set.of("text", "image"),
        Set.of("text"),
        false,
        Offer.State.LIVE);
  }

  private static ChatRequest request(String more) {
    return ChatRequest.read(
        ("{\"model\":\"org/m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" + more + "}")
            .getBytes(UTF_8));
  }

  private static Nanos ceiling(Offer offer, ChatRequest request, long output) {
    return Objects.requireNonNull(offer.tariff())
        .ceiling(Quantities.tokens(request.textTokensMax(), output));
  }

  @Test
  void aSetLimitIsHeldInFull() {
    ChatRequest request = request(",\"max_tokens\":100");
    Sizing sizing = new Sizing(request, List.of(SANDBOX), false);
    assertThat(sizing.most()).isEqualTo(ceiling(SANDBOX, request, 100));
    assertThat(sizing.least()).isEqualTo(sizing.most());
    assertThat(sizing.wish()).isEqualTo(sizing.most());
    assertThat(sizing.outputLimit(SANDBOX, sizing.most())).isEqualTo(100);
  }

  @Test
  void aHugeLimitIsNoMoreThanTheOfferGives() {
    ChatRequest request = request(",\"max_tokens\":9000000000000000000");
    Sizing sizing = new Sizing(request, List.of(SANDBOX), false);
    assertThat(sizing.most()).isEqualTo(ceiling(SANDBOX, request, 16_384));
    assertThat(sizing.outputLimit(SANDBOX, sizing.most())).isEqualTo(16_384);
  }

  @Test
  void everyChoiceIsPaidFor() {
    ChatRequest request = request(",\"max_tokens\":100,\"n\":3");
    Sizing sizing = new Sizing(request, List.of(SANDBOX), false);
    assertThat(sizing.most()).isEqualTo(ceiling(SANDBOX, request, 300));
  }

  @Test
  void silenceAsksForATokenForAThousandAndForAll() {
    ChatRequest request = request("");
    Sizing sizing = new Sizing(request, List.of(SANDBOX), false);
    assertThat(sizing.least()).isEqualTo(ceiling(SANDBOX, request, 1));
    assertThat(sizing.wish()).isEqualTo(ceiling(SANDBOX, request, 1_024));
    assertThat(sizing.most()).isEqualTo(ceiling(SANDBOX, request, 16_384));
    assertThat(sizing.outputLimit(SANDBOX, sizing.wish())).isEqualTo(1_024);
  }

  @Test
  void silenceLeavesRoomForThePrompt() {
    Offer whole = offer("whole", 1_000_000, 10_000_000, 4_096, 4_096);
    Sizing sizing = new Sizing(request(""), List.of(whole), false);
    assertThat(sizing.outputLimit(whole, sizing.most()))
        .isEqualTo(4_096 - request("").textTokensMax());
  }

  @Test
  void theDearestAttemptIsHeld() {
    ChatRequest request = request(",\"max_tokens\":100");
    Sizing sizing = new Sizing(request, List.of(SANDBOX, DEAR), false);
    assertThat(sizing.most()).isEqualTo(ceiling(DEAR, request, 100));
  }

  @Test
  void clampingTurnsALimitIntoAWish() {
    ChatRequest request = request(",\"max_tokens\":10000");
    Sizing sizing = new Sizing(request, List.of(SANDBOX), true);
    assertThat(sizing.least()).isEqualTo(ceiling(SANDBOX, request, 1));
    assertThat(sizing.wish()).isEqualTo(sizing.most());
    assertThat(sizing.most()).isEqualTo(ceiling(SANDBOX, request, 10_000));
    assertThat(sizing.outputLimit(SANDBOX, ceiling(SANDBOX, request, 50))).isEqualTo(50);
  }

  @Test
  void anImageWithoutABoundCountsAsTheWholeContext() {
    ChatRequest request =
        ChatRequest.read(
            ("{\"model\":\"org/m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":["
                    + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}]}]}")
                .getBytes(UTF_8));
    Sizing sizing = new Sizing(request, List.of(SANDBOX), false);
    assertThat(sizing.most())
        .isEqualTo(Objects.requireNonNull(SANDBOX.tariff()).ceiling(Quantities.tokens(65_536, 1)));
    assertThat(Sizing.isBounded(request, offer("x", 1, 1, 0, 0))).isFalse();
  }

  /// Whatever is held, the limit that is sent upstream is paid for.
  @Test
  void noLimitIsSentThatTheHoldDoesNotPay() {
    long seed = 7_411;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 5_000; i++) {
      Offer offer =
          offer(
              "r",
              random.nextLong(1, 10_000_000),
              random.nextLong(1, 50_000_000),
              random.nextInt(1_000, 200_000),
              random.nextInt(1, 20_000));
      String said = random.nextBoolean() ? "" : ",\"max_tokens\":" + random.nextInt(1, 30_000);
      ChatRequest request = request(said + ",\"n\":" + random.nextInt(1, 5));
      Sizing sizing = new Sizing(request, List.of(offer, SANDBOX), random.nextBoolean());
      long span = sizing.most().value() - sizing.least().value();
      Nanos held = Nanos.of(sizing.least().value() + (span == 0 ? 0 : random.nextLong(span + 1)));
      long limit = sizing.outputLimit(offer, held);
      assertThat(sizing.ceiling(offer, limit))
          .as("seed %d, round %d", seed, i)
          .isLessThanOrEqualTo(held);
    }
  }
}
