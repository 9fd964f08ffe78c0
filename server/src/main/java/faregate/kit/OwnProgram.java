package faregate.kit;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How this process was started, for who starts more of the same program.
public final class OwnProgram {
  private static final Set<String> PASSED =
      Set.of(
          "PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "JAVA_TOOL_OPTIONS");

  private OwnProgram() {}

  /// The command that runs another main class of this program: the same Java and class path, and
  /// the same options but those for the heap and its collector.
  ///
  /// @param options for the virtual machine
  public static List<String> command(List<String> options, String mainClass) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (isPlain(option)) {
        command.add(option);
      }
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    return List.copyOf(command);
  }

  /// Leaves of an environment what any program needs: nothing that configures this one, and
  /// nobody's keys.
  public static void plain(Map<String, String> environment) {
    environment.keySet().retainAll(PASSED);
  }

  /// Agents and debuggers would meet their own ports again.
  private static boolean isPlain(String option) {
    boolean own =
        option.startsWith("-Xm")
            || (option.startsWith("-XX:+Use") && option.endsWith("GC"))
            || option.startsWith("-javaagent")
            || option.startsWith("-agent")
            || option.startsWith("-Xrun")
            || option.startsWith("-XX:TieredStopAtLevel");
    return !own;
  }
}
