package faregate.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemTest {
  private static final char HALF = (char) 0xd800;

  /// JSON may name one by its number, and nobody can write it.
  @Test
  void halfASurrogatePairCanBeToldOf() {
    Problem problem =
        Problem.badRequest("c", "no model " + HALF + "x \ud83d\ude00")
            .withParam("p" + HALF)
            .withField("model", HALF + "x");
    for (Envelope envelope : new Envelope[] {Envelope.OPENAI, Envelope.PLAIN}) {
      assertThat(new String(envelope.wrap(problem), UTF_8))
          .contains("no model ?x \ud83d\ude00", "\"model\":\"?x\"");
    }
  }
}
