package faregate.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import faregate.money.Nanos;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a billing endpoint may say, and what is made of it.
class BillingAnswerTest {
  private static final long NOTHING = -1;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"requestId":"a","costNanoUsd":100}                  | 100
          {"requestId":"a","costNanoUsd":0}                    | 0
          {"requestId":"a","costNanoUsd":99.000000001}         | 100
          {"requestId":"a","costNanoUsd":1e3}                  | 1000
          {"requestId":"a","costNanoUsd":9007199254740993e-1}  | 900719925474100
          {"requestId":"a","costNanoUsd":-1}                   | -1
          {"requestId":"a","costNanoUsd":-0.5}                 | -1
          {"requestId":"a","costNanoUsd":1e300}                | -1
          {"requestId":"a","costNanoUsd":1e-30}                | 1
          {"requestId":"a","costNanoUsd":1e-500000000}         | -1
          {"requestId":"a","costNanoUsd":"100"}                | -1
          {"requestId":"a","costNanoUsd":null}                 | -1
          {"requestId":"a"}                                    | -1
          {"requestId":"b","costNanoUsd":100}                  | -1
          {"costNanoUsd":100}                                  | -1
          7                                                    | -1
          """)
  void readsOneLine(String line, long cost) {
    String body = "{\"requests\":[" + line + "]}";
    Nanos read = BillingAnswer.read(body.getBytes(UTF_8), Set.of("a")).get("a");
    assertThat(read == null ? NOTHING : read.value()).isEqualTo(cost);
  }

  @Test
  void nothingOfItMayBeKnownYet() {
    byte[] body = "{\"requests\":null}".getBytes(UTF_8);
    assertThat(BillingAnswer.read(body, Set.of("a"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "{}", "[]", "{\"requests\":7}", ""})
  void whatIsNoAnswerIsRefused(String body) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BillingAnswer.read(body.getBytes(UTF_8), Set.of("a")));
  }
}
