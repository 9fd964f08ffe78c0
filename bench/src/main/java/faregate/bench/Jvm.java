package faregate.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A look into a Java process from outside.
final class Jvm {
  private static final int SECONDS_MAX = 60;
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)$");

  private Jvm() {}

  /// Bytes of the objects that live, after a full collection.
  static long liveBytes(long pid) {
    Matcher total = TOTAL.matcher(jcmd(pid, "GC.class_histogram"));
    if (!total.find()) {
      throw new IllegalStateException("jcmd tells no total of the heap of " + pid);
    }
    return Long.parseLong(total.group(1));
  }

  /// The options that a Java process was started with, without its AOT cache: what another one
  /// needs in order to be like it.
  static List<String> options(long pid) {
    String[] arguments = handle(pid).info().arguments().orElseThrow();
    return List.of(arguments).stream()
        .takeWhile(argument -> !argument.equals("-jar"))
        .filter(argument -> !argument.startsWith("-XX:AOTCache"))
        .toList();
  }

  /// @return its `java`
  static String java(long pid) {
    return handle(pid).info().command().orElseThrow();
  }

  private static ProcessHandle handle(long pid) {
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static String jcmd(long pid, String question) {
    String jcmd = Path.of(java(pid)).resolveSibling("jcmd").toString();
    return Child.run(List.of(jcmd, Long.toString(pid), question), SECONDS_MAX);
  }
}
