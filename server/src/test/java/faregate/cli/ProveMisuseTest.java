package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A proof that is asked for in a wrong way says so in one sentence, and starts nothing.
class ProveMisuseTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--minutes 0 | --minutes is too short to harm anything; take 0.1 or more.",
        "--minutes x | --minutes 'x' is not a number.",
        "--minutes 1e99 | --minutes is more than a day; take 1440 or less.",
        "--nodes 0 | --nodes 0 is not between 1 and 16.",
        "--nodes two | Invalid value for option '--nodes': 'two' is not an int",
        "--store sqlite --nodes 2 | a SQLite file belongs to one node: leave --nodes out.",
        "--store mysql | --store is postgres or sqlite, not 'mysql'.",
        "--sabotage all | --sabotage 'all' is none of drop-charge, double-settle, shrink-hold,",
        "--seed abc | Invalid value for option '--seed': 'abc' is not a long",
        "--store sqlite --database postgresql://h/x | --database names a PostgreSQL: leave it out",
        "--database h:5432 | --database: the database URL is not understood: write",
        "--database postgresql://a,b/x | --database postgresql://a,b/x does not name one server",
      })
  void theCulpritIsNamed(String line, String message) {
    Ran ran = Ran.of(("prove --json " + line).split(" ", -1));
    assertThat(ran.err()).startsWith("faregate: " + message).doesNotContain("Exception");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).isEqualTo(2);
  }
}
