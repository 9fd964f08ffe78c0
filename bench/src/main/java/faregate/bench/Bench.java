package faregate.bench;

import faregate.kit.FreePort;
import faregate.kit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// One run of the bench. `bench/run` builds what it needs and starts it.
///
/// All contestants run side by side and are loaded one after the other, in rounds, so that whatever
/// else the machine does meets each of them alike; of the rounds the middle figure counts.
final class Bench {
  private static final int MANY_CONNECTIONS = 500;
  private static final int CONNECTIONS = 64;
  private static final int RATE = 2_000;
  private static final int STREAMS = 400;
  private static final int STREAM_CHUNKS = 200;
  private static final int STREAM_PACE_MILLIS = 20;
  private static final int OPEN_STREAMS = 5_000;
  private static final int OPEN_PACE_MILLIS = 1_000;
  private static final int OPEN_SECONDS = 12;
  private static final int STARTS = 5;
  private static final int WARM_SECONDS = 90;
  private static final int WARM_STREAM_SECONDS = 60;
  private static final String FSYNCS = "1000";
  private static final Pattern LIMIT = Pattern.compile("-Xmx(\\S+)");

  private final Path home;
  private final Path programs;
  private final Path data;
  private final Load load;
  private final int rounds;
  private final List<AutoCloseable> children = new ArrayList<>();
  private final List<Results.Fsync> fsyncs = new ArrayList<>();

  private Bench(Path home, Path programs, Path data, int rounds) {
    this.home = home;
    this.programs = programs;
    this.data = data;
    this.rounds = rounds;
    this.load = new Load(programs.resolve("load"));
  }

  /// @param arguments the project's folder, the folder of the compiled programs, an empty folder
  ///   for data, haproxy, rounds
  static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Path programs = Path.of(arguments[1]);
    int rounds = Integer.parseInt(arguments[4]);
    Bench bench = new Bench(home, programs, Path.of(arguments[2]), rounds);
    try {
      Results results = bench.run(Path.of(arguments[3]));
      Path json = programs.resolveSibling("results.json");
      Files.writeString(
          json, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n");
      String report = new Report(results).text();
      Files.writeString(home.resolve("bench/RESULTS.md"), report);
      System.out.println(report);
    } finally {
      bench.close();
    }
  }

  private Results run(Path haproxy) throws Exception {
    say("the machine, its disk, and the ledger alone");
    Machine machine = Machine.look(haproxy);
    fsyncs.add(fsync());
    Results.LedgerFigures ledger = ledgerAlone();

    Child upstream = child("upstream", List.of(programs.resolve("upstream").toString()));
    int upstreamPort = Integer.parseInt(upstream.said("ready "));
    Gateway gateway = new Gateway(home.resolve("faregate"), data, upstreamPort);
    String token = gateway.token();
    say("starts");
    List<Double> starts = starts(gateway, token);

    Child serving = gateway.start(0);
    children.add(serving);
    Contestant on = new Contestant("ledger on", Gateway.port(serving), serving.pid(), token);
    Contestant off = ledgerOff(gateway, on);
    Contestant plain = haproxy(haproxy, upstreamPort);
    say("warming up");
    for (Contestant each : List.of(on, off)) {
      load.closed(each, CONNECTIONS, WARM_SECONDS);
      load.streams(each, STREAMS, WARM_STREAM_SECONDS, STREAM_CHUNKS, STREAM_PACE_MILLIS);
      load.open(each, CONNECTIONS, RATE, 2);
    }
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    contestants.put("direct", Contestant.direct(upstreamPort));
    contestants.put("haproxy", plain);
    contestants.put("on", on);
    contestants.put("off", off);
    Map<String, List<Round>> rounds = rounds(contestants);
    Results.Heap heap = heap(on);
    return new Results(machine, fsyncs, rounds, ledger, heap, starts);
  }

  private Map<String, List<Round>> rounds(Map<String, Contestant> contestants) {
    Map<String, List<Round>> rounds = new LinkedHashMap<>();
    for (int round = 1; round <= this.rounds; round++) {
      fsyncs.add(fsync());
      for (Map.Entry<String, Contestant> each : contestants.entrySet()) {
        say("round " + round + " of " + this.rounds + ", " + each.getValue().name());
        rounds.computeIfAbsent(each.getKey(), _ -> new ArrayList<>()).add(round(each.getValue()));
      }
    }
    return rounds;
  }

  private Round round(Contestant on) {
    return new Round(
        load.closed(on, MANY_CONNECTIONS, 4),
        load.closed(on, CONNECTIONS, 4),
        load.closed(on, 1, 2),
        load.open(on, CONNECTIONS, RATE, 3),
        load.streams(on, STREAMS, 8, STREAM_CHUNKS, STREAM_PACE_MILLIS));
  }

  /// What lives on the heap when thousands of streams are open, against none.
  private Results.Heap heap(Contestant on) throws InterruptedException {
    say(OPEN_STREAMS + " open streams");
    TimeUnit.SECONDS.sleep(1);
    long idle = Jvm.liveBytes(on.pid());
    Path errors = data.resolve("streams.log");
    long open;
    JsonNode told;
    try (Child streams =
        load.openStreams(on, errors, OPEN_STREAMS, OPEN_PACE_MILLIS, OPEN_SECONDS)) {
      TimeUnit.SECONDS.sleep(OPEN_SECONDS / 2);
      open = Jvm.liveBytes(on.pid());
      told = Json.MAPPER.readTree("{" + streams.said("{"));
    }
    double expected = OPEN_STREAMS * told.path("seconds").doubleValue() * 1_000 / OPEN_PACE_MILLIS;
    Matcher limit = LIMIT.matcher(String.join(" ", Jvm.options(on.pid())));
    return new Results.Heap(
        OPEN_STREAMS,
        idle,
        open,
        told.path("chunks").doubleValue() / expected,
        limit.find() ? limit.group(1) : "not set");
  }

  private List<Double> starts(Gateway gateway, String token)
      throws IOException, InterruptedException {
    List<Double> starts = new ArrayList<>();
    for (int start = 0; start < STARTS; start++) {
      starts.add(Startup.firstAnswerMillis(gateway, token));
    }
    return starts;
  }

  private Results.LedgerFigures ledgerAlone() {
    String line =
        Child.run(
            ownJava("LedgerAlone", data.toString(), Integer.toString(CONNECTIONS), "8", "5"), 90);
    JsonNode told = Json.MAPPER.readTree(line);
    return new Results.LedgerFigures(
        told.path("pairs_per_second").doubleValue(),
        told.path("p50_micros").doubleValue(),
        told.path("p99_micros").doubleValue(),
        told.path("processor_micros_per_pair").doubleValue());
  }

  /// The gateway without its ledger, in a process like the other's.
  private Contestant ledgerOff(Gateway gateway, Contestant like) {
    List<String> command = new ArrayList<>();
    command.add(Jvm.java(like.pid()));
    command.addAll(Jvm.options(like.pid()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of("faregate.bench.LedgerOff", data.toString(), gateway.configuration().toString()));
    Child off = child("ledger-off", command);
    String token = off.said("token ");
    return new Contestant("ledger off", Gateway.port(off), off.pid(), token);
  }

  private Contestant haproxy(Path program, int upstreamPort) throws IOException {
    int port = FreePort.find();
    Path configuration = data.resolve("haproxy.cfg");
    Files.writeString(
        configuration,
        Files.readString(home.resolve("bench/haproxy.cfg"))
            .replace("@LISTEN@", Integer.toString(port))
            .replace("@UPSTREAM@", Integer.toString(upstreamPort)));
    Child child =
        child("haproxy", List.of(program.toString(), "-db", "-f", configuration.toString()));
    return new Contestant("HAProxy", port, child.pid(), "none");
  }

  private static List<String> ownJava(String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseCompactObjectHeaders",
            "-XX:+UseParallelGC",
            "-Xmx1g",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "faregate.bench." + main));
    command.addAll(List.of(arguments));
    return command;
  }

  private Child child(String name, List<String> command) {
    Child child = Child.start(name, data.resolve(name + ".log"), command);
    children.add(child);
    return child;
  }

  /// Other programs on the disk make it slower, so it is asked again and again.
  private Results.Fsync fsync() {
    List<String> command = List.of(programs.resolve("fsync").toString(), data.toString(), FSYNCS);
    JsonNode told = Json.MAPPER.readTree(Child.run(command, 60));
    return new Results.Fsync(
        told.path("p50_micros").doubleValue(), told.path("p99_micros").doubleValue());
  }

  private void close() throws Exception {
    for (AutoCloseable child : children.reversed()) {
      child.close();
    }
  }

  private static void say(String what) {
    System.err.println("bench: " + what);
  }
}
