package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// What is asked wrongly gets one clear sentence and exit code 2.
class MisuseTest {
  @TempDir private Path data;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tokn | Unmatched argument at index 0: 'tokn'. Did you mean 'token'?",
        "--prot 1 | Unknown options: '--prot', '1'. Did you mean '--port'?",
        "--port x | Invalid value for option '--port': 'x' is not an int",
        "--port 70000 | --port 70000 is not between 0 and 65535.",
        "token | Say what to do with tokens: create, list, limit, revoke or payer",
        "token create | Missing required option: '--user=NAME'",
        "token create --user me --expires soon | 'soon' is no end of a token.",
        "token create --user me --permission bogus | There is no permission 'bogus'.",
        "token create --user me --expires 2020-01-01 | A token cannot expire in the past",
        "token limit 5 | Missing required option: '--requests-per-hour=N'",
        "token limit abc --requests-per-hour 5 | 'abc' is no token id",
        "token create --user me --requests-per-hour -1 | 'requests_per_hour' must be a whole"
            + " number",
        "key | Say what to do with provider keys: set, list, delete or keyset",
        "key set --user me --provider groq --from NO_SUCH_VARIABLE | The variable NO_SUCH_VARIABLE"
            + " is",
        "key delete --user me | Missing required option: '--provider=NAME'",
        "user create a!b | 'a!b' cannot be a name",
        "token revoke abc | 'abc' is no token id.",
        "user create me --tier gold | There is no tier 'gold'.",
        "grant --user me --usd five | ",
        "backup / | / exists. Name a file that does not.",
        "models --config /no/such.yaml | There is no configuration file /no/such.yaml.",
      })
  void theCulpritIsNamedAndThereIsNoStackTrace(String line, String message) {
    Ran.of("user", "create", "somebody", "--data", data.toString());
    List<String> args = new ArrayList<>(List.of(line.split(" ", -1)));
    if (!line.startsWith("tokn") && !line.equals("token") && !line.equals("key")) {
      args.add("--data");
      args.add(data.toString());
    }
    Ran ran = Ran.of(args.toArray(String[]::new));
    assertThat(ran.err()).startsWith("faregate: " + (message == null ? "" : message));
    assertThat(ran.err()).doesNotContain("\tat ", "Exception");
    assertThat(ran.err().lines().count()).isLessThanOrEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).isEqualTo(message == null ? 1 : 2);
  }

  /// An empty database would be clean, and a copy of it soon made.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "audit",
        "backup copy.db",
        "usage",
        "exposure",
        "reconcile --provider groq",
        "user list",
        "token list",
        "token revoke 5",
        "org list",
        "org seats acme 5",
        "key list --user me",
        "grant --user me --usd 5",
      })
  void whatNeedsBooksMakesNone(String line) {
    Path mistyped = data.resolve("dtaa");
    List<String> args = new ArrayList<>(List.of(line.split(" ", -1)));
    args.addAll(List.of("--data", mistyped.toString()));
    Ran ran = Ran.of(args.toArray(String[]::new));
    assertThat(ran.err())
        .startsWith("faregate: There is no database at " + mistyped.resolve("faregate.db"))
        .contains("--data");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).isEqualTo(2);
    assertThat(mistyped).doesNotExist();
  }

  @Test
  void whatMakesSenseOnNewBooksMakesThem() {
    assertThat(Ran.of("models", "--data", data.resolve("one").toString()).code()).isZero();
    assertThat(Ran.of("user", "create", "me", "--data", data.resolve("two").toString()).code())
        .isZero();
  }

  @Test
  void aLogThatCannotBeWrittenIsNamedAtTheStart() throws IOException {
    Path blocked = Files.writeString(data.resolve("no folder"), "").resolve("server.log");
    Files.writeString(data.resolve("faregate.yaml"), "log: {file: \"" + blocked + "\"}\n");
    Ran ran = Ran.of("serve", "--data", data.toString());
    assertThat(ran.err()).startsWith("faregate: log.file: " + blocked + " cannot be written.");
    assertThat(ran.code()).isEqualTo(2);
  }

  @Test
  void aBadLineOfTheConfigurationIsNamed() throws IOException {
    Path file = Files.writeString(data.resolve("faregate.yaml"), "listen:\n  prot: 9090\n");
    Ran ran = Ran.of("serve", "--data", data.toString());
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err().strip())
        .isEqualTo(
            "faregate: "
                + file
                + ", line 2: 'listen.prot' is not a known key. Did you mean 'port'? Known here:"
                + " host, port.");
  }

  static List<List<String>> everyCommand() {
    List<List<String>> all = new ArrayList<>();
    collect(CommandLines.make(System.out, System.err), List.of(), all);
    return all;
  }

  private static void collect(CommandLine command, List<String> path, List<List<String>> all) {
    all.add(path);
    command
        .getSubcommands()
        .forEach(
            (name, sub) -> {
              List<String> longer = new ArrayList<>(path);
              longer.add(name);
              collect(sub, longer, all);
            });
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void everyCommandExplainsItself(List<String> command) {
    List<String> args = new ArrayList<>(command);
    args.add("--help");
    Ran ran = Ran.of(args.toArray(String[]::new));
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("Usage: faregate");
    boolean isGroup = ran.out().contains("Commands:");
    boolean isHidden = command.contains("rehearse");
    boolean hasItsOwnData = command.contains("prove");
    if (!isGroup && !isHidden && !hasItsOwnData) {
      assertThat(ran.out()).contains("--data", "--config", "--json");
    }
  }

  @Test
  void theVersionIsTold() {
    assertThat(Ran.of("--version").out()).startsWith("faregate ");
  }
}
