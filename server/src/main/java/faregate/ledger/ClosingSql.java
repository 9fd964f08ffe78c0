package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// The rows of [Closing], some at a time, all in the transaction of the handle.
final class ClosingSql {
  private static final int AT_ONCE = 100;

  private final Handle handle;
  private final String buckets;
  private final Map<Key, Sum> sums = new TreeMap<>();

  /// @param buckets for `bucket IN (%s)`
  ClosingSql(Handle handle, String buckets) {
    this.handle = handle;
    this.buckets = buckets;
  }

  private record Row(
      long id, int bucket, long wallet, boolean adjusted, long fence, long seq, byte[] legs) {}

  /// In order, so that two who close at once do not wait for each other in a circle.
  private record Key(int bucket, long lot) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int first = Integer.compare(bucket, other.bucket);
      return first == 0 ? Long.compare(lot, other.lot) : first;
    }
  }

  private record Sum(long wallet, long posted) {
    Sum plus(Sum other) {
      return new Sum(wallet, Math.addExact(posted, other.posted));
    }
  }

  /// The latest time before which calls may be gone; 0 where none are.
  static long until(Handle handle) {
    return handle.createQuery("SELECT coalesce(max(until), 0) FROM closed").mapTo(Long.class).one();
  }

  /// What one transaction closed.
  ///
  /// @param lastId no call up to it is left, but such as ended since
  record Slice(int calls, long lastId) {
    static final Slice NONE = new Slice(0, 0);

    /// Whether there may be more.
    boolean isFull() {
      return calls == AT_ONCE;
    }
  }

  /// Closes the eldest calls that were asked for before a time.
  ///
  /// @param after only calls with higher ids
  /// @param beside told of those that go
  /// @throws Closing.TooEarlyException when one of them has to stay
  Slice close(
      long after,
      long beforeMicros,
      Map<Long, Long> takenIn,
      BiConsumer<Handle, Map<CallId, WalletId>> beside) {
    Map<CallId, WalletId> gone = new HashMap<>();
    Map<Integer, Long> counts = new TreeMap<>();
    long last = after;
    for (Row row : remove(after, beforeMicros)) {
      if (row.seq() > takenIn.getOrDefault(row.fence(), 0L)) {
        throw new Closing.TooEarlyException();
      }
      add(row, Legs.decode(row.legs()));
      if (row.adjusted()) {
        adjustments(row).forEach(legs -> add(row, Legs.decode(legs)));
      }
      counts.merge(row.bucket(), 1L, Long::sum);
      gone.put(new CallId(row.id()), new WalletId(row.wallet()));
      last = Math.max(last, row.id());
    }
    if (!gone.isEmpty()) {
      note(counts, beforeMicros);
      carry();
      beside.accept(handle, gone);
    }
    return new Slice(gone.size(), last);
  }

  private List<Row> remove(long after, long beforeMicros) {
    // A row that another node adjusts meanwhile is told as that leaves it, or not at all.
    return handle
        .createQuery(
            """
            DELETE FROM finished WHERE bucket IN (%s) AND id IN (
              SELECT id FROM finished WHERE bucket IN (%s) AND id > :after AND id < :before
              ORDER BY id LIMIT :most)
            RETURNING id, bucket, wallet, CASE WHEN adjusted IS NULL THEN 0 ELSE 1 END, fence, seq,
              legs
            """
                .formatted(buckets, buckets))
        .bind("after", after)
        .bind("before", ReservedIds.firstAt(beforeMicros))
        .bind("most", AT_ONCE)
        .map(
            (row, _) ->
                new Row(
                    row.getLong(1),
                    row.getInt(2),
                    row.getLong(3),
                    row.getInt(4) != 0,
                    row.getLong(5),
                    row.getLong(6),
                    row.getBytes(7)))
        .list();
  }

  private List<byte[]> adjustments(Row row) {
    return handle
        .createQuery(
            """
            DELETE FROM transfer
            WHERE bucket = :bucket AND call = :call AND kind = 'adjust'
            RETURNING legs
            """)
        .bind("bucket", row.bucket())
        .bind("call", row.id())
        .mapTo(byte[].class)
        .list();
  }

  private void add(Row row, List<Leg> legs) {
    for (Leg leg : legs) {
      sums.merge(
          new Key(row.bucket(), leg.lot().value()), new Sum(row.wallet(), leg.posted()), Sum::plus);
    }
  }

  private void note(Map<Integer, Long> counts, long beforeMicros) {
    try (PreparedBatch rows =
        handle.prepareBatch(
            """
            INSERT INTO closed (bucket, until, calls) VALUES (:bucket, :until, :calls)
            ON CONFLICT (bucket) DO UPDATE SET calls = closed.calls + excluded.calls,
              until = CASE WHEN excluded.until > closed.until THEN excluded.until
                ELSE closed.until END
            """)) {
      counts.forEach(
          (bucket, calls) ->
              rows.bind("bucket", bucket).bind("until", beforeMicros).bind("calls", calls).add());
      rows.execute();
    }
  }

  private void carry() {
    try (PreparedBatch rows =
        handle.prepareBatch(
            """
            INSERT INTO closing (bucket, lot, wallet, posted)
            VALUES (:bucket, :lot, :wallet, :posted)
            ON CONFLICT (bucket, lot) DO UPDATE SET posted = closing.posted + excluded.posted
            """)) {
      sums.forEach(
          (lot, sum) ->
              rows.bind("bucket", lot.bucket())
                  .bind("lot", lot.lot())
                  .bind("wallet", sum.wallet())
                  .bind("posted", sum.posted())
                  .add());
      if (rows.size() > 0) {
        rows.execute();
      }
    }
  }
}
