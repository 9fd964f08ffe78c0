package faregate.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/// What was measured on one contestant, the same for each, several times over.
///
/// @param many connections that ask again when answered
/// @param few of them
/// @param alone one connection
/// @param steady a constant rate
/// @param streams event streams
record Round(Figures many, Figures few, Figures alone, Figures steady, Figures streams) {

  /// The middle one of several measurements, so that one disturbed round does not decide.
  static double median(List<Round> rounds, ToDoubleFunction<Round> of) {
    double[] sorted = rounds.stream().mapToDouble(of).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
