package faregate.cli;

import ch.qos.logback.classic.LoggerContext;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/// The process. Exit codes: 0 done, 1 it could not be done, 2 it was asked for in a wrong way.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int code = run(withDefault(args), System.out, System.err);
    ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    System.out.flush();
    System.exit(code);
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    Service service = Service.plain(args);
    if (service == null) {
      return CommandLines.make(out, err, args).execute(args);
    }
    try {
      return service.run(new PrintWriter(out, true, StandardCharsets.UTF_8));
    } catch (Exception e) {
      return Failures.tell(e, new PrintWriter(err, true, StandardCharsets.UTF_8));
    }
  }

  /// Without the name of a command, `serve` is meant.
  static String[] withDefault(String[] args) {
    boolean asksForHelp =
        args.length > 0 && List.of("--help", "-h", "--version", "-V").contains(args[0]);
    if (asksForHelp || (args.length > 0 && !args[0].startsWith("-"))) {
      return args;
    }
    List<String> all = new ArrayList<>(List.of("serve"));
    all.addAll(List.of(args));
    return all.toArray(String[]::new);
  }
}
