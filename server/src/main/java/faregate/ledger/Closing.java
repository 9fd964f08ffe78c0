package faregate.ledger;

import faregate.ledger.Ledger.CallRef;
import faregate.store.Database;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Writes closing sums for calls that need not be kept, and removes their rows: so the ledger stays
/// as small as what it is asked about, and each lot still adds up.
///
/// A few rows at a time, each a transaction of its own, so that nobody waits for it; a crash
/// between two leaves a ledger that is right. Many may do so at once. Open holds stay: when they
/// end, a later pass finds them. Ids never fall, so nobody comes back with the id of a closed call
/// but a late bill, which is told that there is no such call.
final class Closing {
  private final Database database;
  private final long beforeMicros;
  private final Map<Long, Long> takenIn;

  /// Some calls are not yet known to who follows the ledger, so they have to stay.
  static final class TooEarlyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooEarlyException() {
      super("calls that have to be closed were not taken in by the usage reports yet");
    }
  }

  /// @param takenIn how far each fence was followed by those who read ended calls
  Closing(Database database, long beforeMicros, Map<Long, Long> takenIn) {
    this.database = database;
    this.beforeMicros = beforeMicros;
    this.takenIn = takenIn;
  }

  /// @param told of the calls that are gone, after each commit; says whether to go on
  /// @return how many
  long run(Predicate<List<CallRef>> told) {
    boolean shared = database.lane().session().isShared();
    long closed = 0;
    for (String buckets : shared ? each() : List.of(Bucket.ALL)) {
      List<CallRef> gone = some(buckets);
      while (!gone.isEmpty()) {
        closed += gone.size();
        if (!told.test(gone)) {
          return closed;
        }
        gone = some(buckets);
      }
    }
    return closed;
  }

  private List<CallRef> some(String buckets) {
    return database.write(handle -> new ClosingSql(handle, buckets).close(beforeMicros, takenIn));
  }

  /// On a shared database keys begin with the bucket.
  private static List<String> each() {
    return IntStream.range(0, Bucket.COUNT).mapToObj(Integer::toString).toList();
  }
}
