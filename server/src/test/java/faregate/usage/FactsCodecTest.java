package faregate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FactsCodecTest {
  private static final Facts CHAT =
      new Facts(
          new TokenId(1),
          new UserId(300),
          "openai/gpt-oss-120b",
          new OfferId("groq", "gpt-oss"),
          "v7",
          Quantities.tokens(12, 200).with(Meter.CACHED_INPUT_TOKEN, 5),
          true,
          "séance",
          "req-1",
          1_763_686_800_000_000L,
          0,
          1500);

  /// These bytes stand in databases. A release that writes others may come, one that cannot read
  /// these may not.
  private static final String GOLDEN =
      "010201" // token
          + "04ac02" // user 300
          + "07136f70656e61692f6770742d6f73732d31323062" // model
          + "090467726f71" // provider
          + "0b076770742d6f7373" // its model
          + "0d027637" // tariff version
          + "0e01" // stream
          + "110773c3a9616e6365" // session
          + "13057265712d31" // provider's request id
          + "148088d6a985829103" // started
          + "1601" // first byte after 0 ms
          + "18dc0b" // 1500 ms
          + "400c" // input tokens
          + "4205" // cached ones
          + "46c801"; // output tokens

  @Test
  void writesTheSameBytesForEver() {
    assertThat(HexFormat.of().formatHex(FactsCodec.encode(CHAT))).isEqualTo(GOLDEN);
    assertThat(FactsCodec.decode(HexFormat.of().parseHex(GOLDEN))).isEqualTo(CHAT);
  }

  @Test
  void tellsTheCourseAndWhatMayBeBilledBesides() {
    Facts exposed =
        new Facts(
            new TokenId(1),
            new UserId(300),
            "m",
            new OfferId("two", "m"),
            "v7",
            Quantities.NONE,
            false,
            "",
            "",
            1,
            -1,
            1500,
            "client_left",
            List.of(
                new Facts.Exposed(new OfferId("one", "m1"), Nanos.of(12_345)),
                new Facts.Exposed(new OfferId("one", "m2"), Nanos.of(1))));
    assertThat(FactsCodec.decode(FactsCodec.encode(exposed))).isEqualTo(exposed);
  }

  @Test
  void tellsWhoPaysWhom() {
    Facts paid = CHAT.with(new Facts.Payment(true, 7_000_000_000L, "bill-1", 300));
    assertThat(FactsCodec.decode(FactsCodec.encode(paid))).isEqualTo(paid);
    // byok, account, billing reference, resource group
    assertThat(HexFormat.of().formatHex(FactsCodec.encode(paid)))
        .contains("2201" + "24808cee891a" + "270662696c6c2d31" + "28ac02");
  }

  @Test
  void readsBackWhateverItWrites() {
    long seed = 20261121;
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      Facts facts = any(random);
      assertThat(FactsCodec.decode(FactsCodec.encode(facts))).as("seed " + seed).isEqualTo(facts);
    }
  }

  @Test
  void skipsFieldsOfALaterRelease() {
    String later = GOLDEN + "e3070568656c6c6f" + "e00705";
    assertThat(FactsCodec.decode(HexFormat.of().parseHex(later))).isEqualTo(CHAT);
  }

  @Test
  void refusesRubbishWithASentence() {
    byte[] bytes = FactsCodec.encode(CHAT);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FactsCodec.decode(new byte[0]))
        .withMessageContaining("facts end");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FactsCodec.decode(Arrays.copyOf(bytes, 20)))
        .withMessageContaining("facts end within field 3");
    bytes[0] = 9;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FactsCodec.decode(bytes))
        .withMessageContaining("version 9");
  }

  private static Facts any(Random random) {
    Quantities quantities = Quantities.NONE;
    for (Meter meter : Meter.values()) {
      quantities = quantities.with(meter, random.nextLong() >>> (1 + random.nextInt(63)));
    }
    return new Facts(
        new TokenId(1 + (random.nextLong() >>> 2)),
        new UserId(1 + (random.nextLong() >>> 2)),
        "org/" + random.nextInt(),
        new OfferId(random.nextBoolean() ? "" : "together", "m" + random.nextInt()),
        random.nextBoolean() ? "" : "v" + random.nextInt(),
        quantities,
        random.nextBoolean(),
        random.nextBoolean() ? "" : "s".repeat(random.nextInt(256)),
        random.nextBoolean() ? "" : "ü" + random.nextLong(),
        random.nextLong() >>> 1,
        random.nextInt(Integer.MAX_VALUE) - 1,
        random.nextInt(Integer.MAX_VALUE));
  }
}
