package faregate.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.kit.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is there but wrong is never taken for absent.
class ArgumentsTest {
  private static Arguments of(String value) {
    return new Arguments(Json.MAPPER.readTree("{\"it\":" + value + "}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"inference.read\"", "7", "{}", "true", "[1]", "[\"a\",null]", "[[]]"})
  void whatIsNoListOfTextsIsRefused(String value) {
    assertThatThrownBy(() -> of(value).texts("it"))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith("'it' must be a list of texts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"true\"", "1", "[]", "{}"})
  void whatIsNeitherTrueNorFalseIsRefused(String value) {
    assertThatThrownBy(() -> of(value).flag("it"))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith("'it' must be true or false");
  }

  @Test
  void whatIsRightIsTakenAndWhatIsAbsentIsNothing() {
    assertThat(of("[\"a\",\"b\"]").texts("it")).containsExactly("a", "b");
    assertThat(of("[]").texts("it")).isEmpty();
    assertThat(of("null").texts("it")).isEmpty();
    assertThat(of("1").texts("other")).isEmpty();
    assertThat(of("true").flag("it")).isTrue();
    assertThat(of("false").flag("it")).isFalse();
    assertThat(of("null").flag("it")).isFalse();
    assertThat(of("1").flag("other")).isFalse();
  }
}
