package faregate.bench;

import java.util.List;
import java.util.Map;

/// All that one run found: what `results.json` holds.
///
/// @param fsyncs one before each round, and one before the ledger alone
/// @param rounds by contestant: `direct`, `haproxy`, `on`, `off`
/// @param heap at many open streams
/// @param startMillis from the launcher's start to the first answer, each start
record Results(
    Machine machine,
    List<Fsync> fsyncs,
    Map<String, List<Round>> rounds,
    LedgerFigures ledger,
    Heap heap,
    List<Double> startMillis) {

  /// To append 4 KiB and make it durable, in the data folder's file system.
  record Fsync(double p50Micros, double p99Micros) {}

  /// The ledger alone.
  record LedgerFigures(
      double pairsPerSecond, double p50Micros, double p99Micros, double processorMicrosPerPair) {}

  /// @param idleBytes live with no stream open
  /// @param openBytes live with all of them open
  /// @param delivered share of the chunks that should have come, which came
  /// @param limit the most that the heap may be, as the gateway was started
  record Heap(int streams, long idleBytes, long openBytes, double delivered, String limit) {
    double bytesPerStream() {
      return (double) (openBytes - idleBytes) / streams;
    }
  }
}
