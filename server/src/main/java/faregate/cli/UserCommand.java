package faregate.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Users.
@Command(
    name = "user",
    description = "Makes and lists users, and moves them between tiers.",
    mixinStandardHelpOptions = true,
    subcommands = {UserCommand.Create.class, UserCommand.SetTier.class, UserCommand.Listing.class})
final class UserCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do with users: create, tier or list");
  }

  private static void line(JsonNode user, PrintWriter out) {
    out.println(
        "%s: %s tier, $%s left."
            .formatted(
                user.path("name").stringValue(),
                user.path("tier").stringValue(),
                user.path("left_usd").stringValue()));
  }

  /// With a wallet of its own.
  @Command(name = "create", description = "Makes a user.")
  static final class Create extends AskCommand {
    @Parameters(paramLabel = "NAME", description = "Letters, digits, '.', '_' and '-'.")
    private String name;

    @Option(
        names = "--tier",
        defaultValue = "free",
        description = "free, pro, team or enterprise (default: free).")
    private String tier;

    @Override
    String operation() {
      return "user-create";
    }

    @Override
    boolean mayBeFirst() {
      return true;
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", name, "tier", tier);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      line(answer, out);
    }
  }

  /// A higher tier's grant of this month comes with it; a lower one takes nothing back.
  @Command(name = "tier", description = "Moves a user to another tier.")
  static final class SetTier extends AskCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Who.")
    private String name;

    @Parameters(index = "1", paramLabel = "TIER", description = "free, pro, team or enterprise.")
    private String tier;

    @Override
    String operation() {
      return "user-tier";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", name, "tier", tier);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      line(answer, out);
    }
  }

  /// With what each has left.
  @Command(name = "list", description = "Lists users and what they have left.")
  static final class Listing extends AskCommand {
    @Override
    String operation() {
      return "user-list";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of();
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      Table table = new Table("NAME", "TIER", "LEFT USD", "HELD USD", "WALLET");
      for (JsonNode user : answer) {
        table.row(
            user.path("name").stringValue(),
            user.path("tier").stringValue(),
            user.path("left_usd").stringValue(),
            user.path("held_usd").stringValue(),
            user.path("wallet").stringValue());
      }
      table.print(out);
    }
  }
}
