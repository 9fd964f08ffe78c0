package faregate.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What one free user who loops on 402 costs the others. `bench/fairness` builds what it needs and
/// starts it. Prints a table of the rounds and one line of JSON.
///
/// The others call at a constant rate all the time. In each round they are measured twice, without
/// the looper and with it, in turns, so that whatever else the machine does meets both alike; of
/// the rounds the middle one counts.
final class Fairness {
  private static final int CONNECTIONS = 64;
  private static final int OTHERS_RATE = 1_000;
  private static final int LOOPER_CONNECTIONS = 8;
  private static final int LOOPER_RATE = 500;
  private static final int SECONDS_AROUND = 3;
  private static final int WARM_SECONDS = 20;

  private final Load load;
  private final Path data;
  private final int seconds;
  private final List<double[]> p99Micros = new ArrayList<>();

  private Fairness(Load load, Path data, int seconds) {
    this.load = load;
    this.data = data;
    this.seconds = seconds;
  }

  /// @param arguments the project's folder, the folder of the compiled programs, an empty folder
  ///   for data, rounds, the seconds of each measurement, and where the ledger is in a PostgreSQL
  ///   its URL
  static void main(String[] arguments) throws Exception {
    Path programs = Path.of(arguments[1]);
    Path data = Path.of(arguments[2]);
    int rounds = Integer.parseInt(arguments[3]);
    String further = arguments.length > 5 ? "database:\n  url: " + arguments[5] + "\n" : "";
    Fairness fairness =
        new Fairness(new Load(programs.resolve("load")), data, Integer.parseInt(arguments[4]));
    List<String> command = List.of(programs.resolve("upstream").toString());
    try (Child upstream = Child.start("upstream", data.resolve("upstream.log"), command)) {
      int port = Integer.parseInt(upstream.said("ready "));
      Path launcher = Path.of(arguments[0]).resolve("faregate");
      Gateway gateway = new Gateway(launcher, data, port, further);
      String token = gateway.token();
      String poor = gateway.tokenOfPoor();
      try (Child serving = gateway.start(0)) {
        int gate = Gateway.port(serving);
        fairness.run(
            new Contestant("others", gate, serving.pid(), token),
            new Contestant("looper", gate, serving.pid(), poor),
            rounds);
      }
    }
    fairness.print();
  }

  private void run(Contestant others, Contestant looper, int rounds) {
    load.closed(others, CONNECTIONS, WARM_SECONDS);
    load.open(others, CONNECTIONS, OTHERS_RATE, 2);
    for (int round = 0; round < rounds; round++) {
      double alone = load.open(others, CONNECTIONS, OTHERS_RATE, seconds).p99Micros();
      Path errors = data.resolve("looper.log");
      int looped = seconds + SECONDS_AROUND;
      try (Child looping =
          load.refusedLoop(looper, errors, LOOPER_CONNECTIONS, LOOPER_RATE, looped)) {
        double beside = load.open(others, CONNECTIONS, OTHERS_RATE, seconds).p99Micros();
        Figures refused = Figures.of("the looper", "{" + looping.said("{"));
        p99Micros.add(new double[] {alone, beside, refused.requestsPerSecond()});
      }
    }
  }

  private void print() {
    for (double[] round : p99Micros) {
      say("p99 of the others %.0f us alone, %.0f us beside %.0f refusals/s", round);
    }
    double[] ratios = p99Micros.stream().mapToDouble(round -> round[1] / round[0]).toArray();
    Arrays.sort(ratios);
    System.out.printf(
        Locale.ROOT,
        "{\"p99_beside_looper_of_alone\":%.2f,\"least\":%.2f,\"most\":%.2f}%n",
        ratios[ratios.length / 2],
        ratios[0],
        ratios[ratios.length - 1]);
  }

  private static void say(String format, double[] figures) {
    System.err.printf(Locale.ROOT, "bench: " + format + "%n", figures[0], figures[1], figures[2]);
  }
}
