package faregate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/// Where and when it was measured.
///
/// @param load1 of the last minute, before the run: what others did meanwhile
record Machine(
    String date,
    int cores,
    String processor,
    String kernel,
    String memory,
    String jdk,
    String haproxy,
    String load1) {

  static Machine look(Path haproxy) throws IOException {
    return new Machine(
        Instant.now().truncatedTo(ChronoUnit.MINUTES).toString(),
        Runtime.getRuntime().availableProcessors(),
        field(Path.of("/proc/cpuinfo"), "model name"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        totalMemory(),
        System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
        Child.run(List.of(haproxy.toString(), "-v"), 10)
            .lines()
            .findFirst()
            .orElse("")
            .replaceFirst(" - http.*", ""),
        Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
  }

  private static String totalMemory() throws IOException {
    String kib = field(Path.of("/proc/meminfo"), "MemTotal").split(" ", 2)[0];
    return String.format(Locale.ROOT, "%.0f GiB", Long.parseLong(kib) / 1048576.0);
  }

  private static String field(Path file, String name) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
