package faregate.catalog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.kit.SettingsException;
import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The columns of prices in a file of offers.
class PricingTest {
  @TempDir private Path folder;

  private @Nullable Tariff tariff(String columns, String fields) throws Exception {
    Path file = folder.resolve("offers.csv");
    Files.writeString(file, "model,provider,task," + columns + "\na/b,one," + fields + "\n");
    return OfferTable.file(file).getFirst().tariff();
  }

  @ParameterizedTest
  @CsvSource({
    "cached_input_usd_per_mtok, 0.0375, CACHED_INPUT_TOKEN, 37500",
    "cache_write_usd_per_mtok, 3.75, CACHE_WRITE_TOKEN, 3750000",
    "cache_write_hour_usd_per_mtok, 6, CACHE_WRITE_HOUR_TOKEN, 6000000",
    "reasoning_usd_per_mtok, 4, REASONING_TOKEN, 4000000",
    "audio_input_usd_per_mtok, 40, AUDIO_INPUT_TOKEN, 40000000",
    "audio_output_usd_per_mtok, 80, AUDIO_OUTPUT_TOKEN, 80000000",
    "image_input_usd_per_mtok, 10, IMAGE_INPUT_TOKEN, 10000000",
    "image_output_usd_per_mtok, 40, IMAGE_OUTPUT_TOKEN, 40000000",
    "usd_per_mchar, 15, CHARACTER, 15000000",
    "image_usd, 0.04, IMAGE, 40000000000",
    "input_image_usd, 0.001, INPUT_IMAGE, 1000000000",
    "audio_usd_per_second, 0.0001, AUDIO_MILLISECOND, 100000",
    "compute_usd_per_second, 0.00012, COMPUTE_MILLISECOND, 120000",
    "usd_per_unit, 0.025, BILLED_MILLIUNIT, 25000000",
    "search_usd, 0.01, SEARCH, 10000000000",
    "request_usd, 0.005, REQUEST, 5000000000",
  })
  void eachColumnPricesItsMeter(String column, String price, Meter meter, long picos)
      throws Exception {
    String heading = "input_usd_per_mtok,output_usd_per_mtok," + column;
    Tariff tariff = requireNonNull(tariff(heading, "any-to-any,1,2," + price));
    assertThat(tariff.price(meter)).isEqualTo(picos);
    Tariff other = requireNonNull(tariff(heading, "any-to-any,1,2,9"));
    assertThat(tariff.version()).isNotEqualTo(other.version());
  }

  @Test
  void theVersionTellsTheSteps() throws Exception {
    Tariff tariff =
        requireNonNull(
            tariff(
                "input_usd_per_mtok,output_usd_per_mtok,tiers",
                ",1.25,10,200000 input=2.5 output=15; 500000 input=5"));
    assertThat(tariff.version())
        .isEqualTo(
            "1250000/0/10000000 >200000 input=2500000 output=15000000 >500000 input=5000000");
  }

  @ParameterizedTest
  @CsvSource({
    "text-to-image, image_usd, true",
    "text-to-speech, usd_per_mchar, true",
    "automatic-speech-recognition, audio_usd_per_second, true",
    "text-classification, compute_usd_per_second, true",
    "conversational, search_usd, false",
    "conversational, request_usd, false",
    "text-to-image, cached_input_usd_per_mtok, false",
  })
  void whatIsNotPaidByTokensNeedsAnotherPrice(String task, String column, boolean priced)
      throws Exception {
    assertThat(tariff(column, task + ",0.5") != null).isEqualTo(priced);
    assertThat(tariff(column, task + ",0")).isNull();
    assertThat(tariff(column, task + ",")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "usd_per_mchar, 5, a chat",
    "image_usd, 5, a chat",
    "input_image_usd, 5, a chat",
    "audio_usd_per_second, 5, a chat",
    "compute_usd_per_second, 0.00012, a chat",
    "usd_per_unit, 5, a chat",
    "tiers, 2000 input=3 compute=1, compute: a chat",
  })
  void refusesForAChatWhatNoChatIsMeteredBy(String column, String price, String culprit) {
    String heading = "input_usd_per_mtok,output_usd_per_mtok," + column;
    assertThatThrownBy(() -> tariff(heading, "conversational,1,2," + price))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(
            "offers.csv, line 2, column %s is '%s': %s".formatted(column, price, culprit))
        .hasMessageContaining("would never be charged; leave it empty and price tokens");
  }

  @Test
  void takesZeroForNoPriceOfAChat() throws Exception {
    String heading = "input_usd_per_mtok,output_usd_per_mtok,compute_usd_per_second";
    assertThat(tariff(heading, "conversational,1,2,0")).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "image_usd, -1, a price cannot be negative",
    "image_usd, 0.0000000000001, write at most 12 decimal places",
    "audio_usd_per_second, 0.0000308333333, write at most 9 decimal places",
    "image_usd, dear, 'write USD, such as 0.04'",
    "tiers, 200000, write each step as",
    "tiers, 0 input=1, write each step as",
    "tiers, 200000 inputs=1, write each step as",
    "tiers, 200000 input=0, each price once and above 0",
    "tiers, 200000 input=1 input=2, each price once and above 0",
    "tiers, 200000 input=1; 200000 input=2, stands there twice",
    "tiers, 200000 input=x, 'write USD per million tokens'",
  })
  void refusesWhatItCannotHold(String column, String value, String message) {
    assertThatThrownBy(() -> tariff(column, ",\"" + value + "\""))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("offers.csv, line 2, column " + column)
        .hasMessageContaining(message);
  }
}
