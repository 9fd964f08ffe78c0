package faregate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StampTest {
  @Test
  void comesBackAsItWasWritten() {
    Stamp stamp = new Stamp("17", "org/m", "groq", "1/0/2 image=3 >200 input=4");
    assertThat(stamp.text()).startsWith("17 org/m");
    assertThat(Stamp.parse(stamp.text())).isEqualTo(stamp);
  }

  @Test
  void referencesOfOlderReleasesAreRead() {
    assertThat(Stamp.parse("17 org/m")).isEqualTo(new Stamp("17", "org/m", "", ""));
    assertThat(Stamp.parse("whatever")).isEqualTo(new Stamp("", "whatever", "", ""));
  }
}
