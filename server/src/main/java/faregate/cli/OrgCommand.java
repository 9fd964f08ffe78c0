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

/// Organizations, their members and their resource groups.
@Command(
    name = "org",
    description = "Organizations that pay for their members' calls.",
    mixinStandardHelpOptions = true,
    subcommands = {
      OrgCommand.Create.class,
      OrgCommand.Listing.class,
      OrgCommand.Seats.class,
      OrgCommand.ToTier.class,
      OrgCommand.MemberAdd.class,
      OrgCommand.MemberRemove.class,
      OrgCommand.GroupCreate.class,
      OrgCommand.GroupAdd.class,
      OrgCommand.GroupRemove.class
    })
final class OrgCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do with organizations: create, list, seats, tier, member-add, member-remove,"
            + " group-create, group-add or group-remove");
  }

  /// Shows the organization as it is afterwards, or the group.
  abstract static class OrgAsk extends AskCommand {
    @Override
    void show(JsonNode answer, PrintWriter out) {
      if (answer.has("seats")) {
        organization(answer, out);
      } else {
        out.println(
            "Resource group %s: bill to it by X-HF-Bill-To: %s"
                .formatted(answer.path("name").asString(), answer.path("id").asString()));
      }
    }
  }

  private static void organization(JsonNode answer, PrintWriter out) {
    out.println(
        "%s: %s tier, %d seats, $%s left."
            .formatted(
                answer.path("name").asString(),
                answer.path("tier").asString(),
                answer.path("seats").longValue(),
                answer.path("left_usd").asString()));
    for (JsonNode member : answer.path("members")) {
      out.println(
          "  member %s (%s)"
              .formatted(member.path("name").asString(), member.path("role").asString()));
    }
    for (JsonNode group : answer.path("groups")) {
      out.println(
          "  group %s (%s)".formatted(group.path("name").asString(), group.path("id").asString()));
    }
    for (JsonNode limit : answer.path("limits")) {
      out.println(
          "  limit %s %s $%s a month"
              .formatted(
                  limit.path("scope").asString(),
                  limit.path("subject").asString(""),
                  limit.path("usd").asString()));
    }
  }

  /// With what each has left.
  @Command(name = "list", description = "Lists organizations, and who and what is in them.")
  static final class Listing extends AskCommand {
    @Override
    String operation() {
      return "org-list";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of();
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      answer.forEach(each -> organization(each, out));
    }
  }

  /// Its members let it pay by `X-HF-Bill-To`.
  @Command(name = "create", description = "Makes an organization with a wallet of its own.")
  static final class Create extends OrgAsk {
    @Parameters(
        index = "0",
        paramLabel = "NAME",
        description = "Letters, digits, '.', '_' and '-'.")
    private String name;

    @Option(
        names = "--tier",
        paramLabel = "TIER",
        defaultValue = "team",
        description = "team or enterprise (default: team).")
    private String tier;

    @Option(
        names = "--seats",
        paramLabel = "SEATS",
        defaultValue = "1",
        description = "How many its monthly credit is for (default: 1).")
    private String seats;

    @Override
    String operation() {
      return "org-create";
    }

    @Override
    boolean mayBeFirst() {
      return true;
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", name, "tier", tier, "seats", seats);
    }
  }

  /// More seats add to this month's credit; fewer take nothing back.
  @Command(name = "seats", description = "Sets how many seats the monthly credit is for.")
  static final class Seats extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "SEATS", description = "1 or more.")
    private String seats;

    @Override
    String operation() {
      return "org-seats";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "seats", seats);
    }
  }

  /// Up adds what the tier grants more this month; down takes nothing back.
  @Command(name = "tier", description = "Moves an organization to another tier, at once.")
  static final class ToTier extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "TIER", description = "team or enterprise.")
    private String tier;

    @Override
    String operation() {
      return "org-tier";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "tier", tier);
    }
  }

  /// A reader belongs to it but may not spend.
  @Command(name = "member-add", description = "Adds a user, or gives a member another role.")
  static final class MemberAdd extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "USER", description = "Who.")
    private String user;

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        defaultValue = "write",
        description = "admin, write, contributor or read (default: write).")
    private String role;

    @Override
    String operation() {
      return "org-member-add";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "user", user, "role", role);
    }
  }

  /// From its groups too.
  @Command(name = "member-remove", description = "Takes a user out.")
  static final class MemberRemove extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "USER", description = "Who.")
    private String user;

    @Override
    String operation() {
      return "org-member-remove";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "user", user);
    }
  }

  /// Needs the tier enterprise.
  @Command(name = "group-create", description = "Makes a resource group; prints the id to bill to.")
  static final class GroupCreate extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "GROUP", description = "Its name.")
    private String group;

    @Override
    String operation() {
      return "org-group-create";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "group", group);
    }
  }

  /// Only members of a group may bill to it.
  @Command(name = "group-add", description = "Puts a member into a resource group.")
  static final class GroupAdd extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "GROUP", description = "Its name or id.")
    private String group;

    @Parameters(index = "2", paramLabel = "USER", description = "Who.")
    private String user;

    @Override
    String operation() {
      return "org-group-add";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "group", group, "user", user);
    }
  }

  /// They stay in the organization.
  @Command(name = "group-remove", description = "Takes a member out of a resource group.")
  static final class GroupRemove extends OrgAsk {
    @Parameters(index = "0", paramLabel = "ORG", description = "The organization.")
    private String org;

    @Parameters(index = "1", paramLabel = "GROUP", description = "Its name or id.")
    private String group;

    @Parameters(index = "2", paramLabel = "USER", description = "Who.")
    private String user;

    @Override
    String operation() {
      return "org-group-remove";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("name", org, "group", group, "user", user);
    }
  }
}
