package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.store.Database;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

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
  private final BiConsumer<Handle, Map<CallId, WalletId>> beside;
  private long closed;
  private boolean whole = true;
  private @Nullable RuntimeException failure;

  /// Some calls are not yet known to who follows the ledger, so they have to stay.
  static final class TooEarlyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooEarlyException() {
      super("not taken in yet", null, false, false);
    }
  }

  /// @param takenIn how far each fence was followed by those who read ended calls
  /// @param beside removes others' rows about the same calls, in the same transaction
  Closing(
      Database database,
      long beforeMicros,
      Map<Long, Long> takenIn,
      BiConsumer<Handle, Map<CallId, WalletId>> beside) {
    this.database = database;
    this.beforeMicros = beforeMicros;
    this.takenIn = takenIn;
    this.beside = beside;
  }

  /// Done once.
  ///
  /// A bucket that cannot be closed keeps no other from it; after a second one the database is at
  /// fault, and another pass has to see.
  ///
  /// @param goOn asked after each slice, and after each bucket that could not be closed
  /// @throws RuntimeException when a bucket could not be closed
  SqlLedger.Closed run(BooleanSupplier goOn) {
    for (String buckets : parts()) {
      if (!close(buckets, goOn)) {
        return new SqlLedger.Closed(closed, false);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return new SqlLedger.Closed(closed, whole);
  }

  /// @return whether to go on with the next
  private boolean close(String buckets, BooleanSupplier goOn) {
    ClosingSql.Slice slice = ClosingSql.Slice.NONE;
    do {
      try {
        slice = next(buckets, slice);
      } catch (TooEarlyException _) {
        whole = false;
        return goOn.getAsBoolean();
      } catch (RuntimeException e) {
        note(e);
        return goOn.getAsBoolean();
      }
      closed += slice.calls();
      if (slice.calls() > 0 && !goOn.getAsBoolean()) {
        return false;
      }
    } while (slice.isFull());
    return true;
  }

  private void note(RuntimeException e) {
    RuntimeException before = failure;
    if (before != null) {
      before.addSuppressed(e);
      throw before;
    }
    failure = e;
  }

  private ClosingSql.Slice next(String buckets, ClosingSql.Slice before) {
    return database.write(
        handle ->
            new ClosingSql(handle, buckets).close(before.lastId(), beforeMicros, takenIn, beside));
  }

  /// On a shared database keys begin with the bucket; on SQLite they do not.
  private List<String> parts() {
    return database.lane().session().isShared()
        ? IntStream.range(0, Bucket.COUNT).mapToObj(Integer::toString).toList()
        : List.of(Bucket.ALL);
  }
}
