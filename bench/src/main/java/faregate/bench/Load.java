package faregate.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Puts load on a contestant, by the program `native/load.c`.
final class Load {
  private static final int SECONDS_OVER = 60;

  /// At the bench's ten dollars a million.
  private static final String BEYOND_A_DIME = "16000";

  private final Path program;

  Load(Path program) {
    this.program = program;
  }

  /// As many requests as it takes; each connection asks again when it is answered.
  Figures closed(Contestant on, int connections, int seconds) {
    return run(on, "closed", connections, seconds, List.of());
  }

  /// Requests at a constant rate, whatever the server does.
  Figures open(Contestant on, int connections, int rate, int seconds) {
    return run(
        on, "open", connections, seconds, List.of("--rate", Integer.toString(rate), "--warm", "1"));
  }

  /// Asks for more than the wallet has, at a constant rate, so that each answer is 402.
  ///
  /// @param errors the file for its standard error
  Child refusedLoop(Contestant on, Path errors, int connections, int rate, int seconds) {
    List<String> options =
        List.of("--rate", Integer.toString(rate), "--status", "402", "--max-tokens", BEYOND_A_DIME);
    return Child.start("load", errors, command(on, "open", connections, seconds, options));
  }

  /// Streams that begin anew when they end.
  ///
  /// @param chunks of each stream
  /// @param paceMillis between two of them
  Figures streams(Contestant on, int streams, int seconds, int chunks, int paceMillis) {
    int ramp = chunks * paceMillis;
    return run(on, "streams", streams, seconds, streamOptions(chunks, paceMillis, ramp));
  }

  /// Opens streams and holds them; closing it breaks them off.
  Child openStreams(Contestant on, Path errors, int streams, int paceMillis, int secondsMax) {
    int chunks = secondsMax * 1_000 / paceMillis + 1;
    List<String> options = streamOptions(chunks, paceMillis, 3_000);
    return Child.start("load", errors, command(on, "streams", streams, secondsMax, options));
  }

  private static List<String> streamOptions(int chunks, int paceMillis, int rampMillis) {
    return List.of(
        "--chunks",
        Integer.toString(chunks),
        "--pace",
        Integer.toString(paceMillis),
        "--ramp",
        Integer.toString(rampMillis));
  }

  private Figures run(
      Contestant on, String mode, int connections, int seconds, List<String> options) {
    String line =
        Child.run(command(on, mode, connections, seconds, options), seconds + SECONDS_OVER);
    return Figures.of(mode + " on " + on.name(), line);
  }

  private List<String> command(
      Contestant on, String mode, int connections, int seconds, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add(mode);
    command.addAll(List.of("--port", Integer.toString(on.port())));
    command.addAll(List.of("--token", on.token(), "--model", Contestant.MODEL));
    command.addAll(List.of("--connections", Integer.toString(connections)));
    command.addAll(List.of("--seconds", Integer.toString(seconds)));
    command.addAll(List.of("--watch", Long.toString(on.pid())));
    command.addAll(options);
    return command;
  }
}
