package faregate.reconcile;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import faregate.ledger.Bucket;
import faregate.money.Nanos;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// The rows of calls that providers are asked about.
final class LateBillSql {
  static final String WAITING = "waiting";
  static final String BILLED = "billed";
  static final String UNKNOWN = "unknown";

  private LateBillSql() {}

  /// A call that its provider is asked about.
  ///
  /// @param request the provider's own id of it
  /// @param asked how often it was asked about in vain
  record Waiting(CallId call, WalletId wallet, String request, long endedMicros, int asked) {}

  /// A call to begin with.
  record Fresh(
      CallId call,
      WalletId wallet,
      String provider,
      String request,
      long endedMicros,
      long dueMicros) {}

  /// What a provider told, or has not told yet.
  ///
  /// @param bill 0 where the state is not `billed`
  record Told(CallId call, String request, String state, Nanos bill) {}

  static long position(Handle handle, long fence) {
    return handle
        .createQuery("SELECT seq FROM reconcile_position WHERE fence = :fence")
        .bind("fence", fence)
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  /// How far each writer's endings were taken in.
  static Map<Long, Long> positions(Handle handle) {
    return handle
        .createQuery("SELECT fence, seq FROM reconcile_position")
        .reduceRows(
            new HashMap<>(),
            (positions, row) -> {
              positions.put(row.getColumn("fence", Long.class), row.getColumn("seq", Long.class));
              return positions;
            });
  }

  /// Takes calls in and moves the position, unless somebody else has moved it meanwhile.
  static boolean take(Handle handle, long fence, long from, long to, List<Fresh> calls) {
    handle.execute(
        "INSERT INTO reconcile_position (fence, seq) VALUES (?, 0) ON CONFLICT DO NOTHING", fence);
    boolean ours =
        handle.execute(
                "UPDATE reconcile_position SET seq = ? WHERE fence = ? AND seq = ?",
                to,
                fence,
                from)
            == 1;
    if (ours && !calls.isEmpty()) {
      add(handle, calls);
    }
    return ours;
  }

  /// A call that is adjusted later comes again, and has its row already.
  private static void add(Handle handle, List<Fresh> calls) {
    try (PreparedBatch rows =
        handle.prepareBatch(
            """
            INSERT INTO reconcile_call (bucket, call, wallet, provider, request, ended_at, state,
              due, asked)
            VALUES (:bucket, :call, :wallet, :provider, :request, :ended, 'waiting', :due, 0)
            ON CONFLICT DO NOTHING
            """)) {
      for (Fresh call : calls) {
        rows.bind("bucket", Bucket.of(call.wallet()))
            .bind("call", call.call().value())
            .bind("wallet", call.wallet().value())
            .bind("provider", call.provider())
            .bind("request", call.request())
            .bind("ended", call.endedMicros())
            .bind("due", call.dueMicros())
            .add();
      }
      rows.execute();
    }
  }

  /// @return whether this process asks the provider until then
  static boolean lease(Handle handle, String provider, long holder, long now, long until) {
    return handle
            .createUpdate(
                """
                INSERT INTO reconcile_lease (provider, holder, until)
                VALUES (:provider, :holder, :until)
                ON CONFLICT (provider) DO UPDATE SET
                  holder = excluded.holder, until = excluded.until
                WHERE reconcile_lease.holder = excluded.holder OR reconcile_lease.until <= :now
                """)
            .bind("provider", provider)
            .bind("holder", holder)
            .bind("until", until)
            .bind("now", now)
            .execute()
        == 1;
  }

  /// Gives up those that are due and told the provider's id of another call: one whose bill was
  /// taken, or else an earlier one.
  static int refuseRepeated(Handle handle, String provider, long now) {
    return handle
        .createUpdate(
            """
            UPDATE reconcile_call SET state = 'unknown', due = :never
            WHERE provider = :provider AND state = 'waiting' AND due <= :now AND EXISTS (
              SELECT 1 FROM reconcile_call other
              WHERE other.provider = reconcile_call.provider
                AND other.request = reconcile_call.request
                AND (other.call < reconcile_call.call
                  OR (other.call <> reconcile_call.call AND other.state = 'billed')))
            """)
        .bind("provider", provider)
        .bind("now", now)
        .bind("never", Long.MAX_VALUE)
        .execute();
  }

  /// Those that are due, the longest due first.
  static List<Waiting> due(Handle handle, String provider, long now, int most) {
    return handle
        .createQuery(
            """
            SELECT call, wallet, request, ended_at, asked FROM reconcile_call
            WHERE provider = :provider AND state = 'waiting' AND due <= :now
            ORDER BY due LIMIT :most
            """)
        .bind("provider", provider)
        .bind("now", now)
        .bind("most", most)
        .map(
            (row, _) ->
                new Waiting(
                    new CallId(row.getLong(1)),
                    new WalletId(row.getLong(2)),
                    row.getString(3),
                    row.getLong(4),
                    row.getInt(5)))
        .list();
  }

  /// Notes what was told.
  static void billed(Handle handle, Map<Waiting, Nanos> bills, long now) {
    try (PreparedBatch rows =
        handle.prepareBatch(
            """
            UPDATE reconcile_call SET state = 'billed', bill = :bill, billed_at = :now
            WHERE bucket = :bucket AND call = :call
            """)) {
      bills.forEach(
          (call, bill) ->
              rows.bind("bill", bill.value())
                  .bind("now", now)
                  .bind("bucket", Bucket.of(call.wallet()))
                  .bind("call", call.call().value())
                  .add());
      if (rows.size() > 0) {
        rows.execute();
      }
    }
  }

  /// Notes when to ask again.
  ///
  /// @param due by call; [Long#MAX_VALUE] for never
  static void again(Handle handle, Map<Waiting, Long> due) {
    try (PreparedBatch rows =
        handle.prepareBatch(
            """
            UPDATE reconcile_call SET state = :state, due = :due, asked = asked + 1
            WHERE bucket = :bucket AND call = :call
            """)) {
      due.forEach(
          (call, when) ->
              rows.bind("state", when == Long.MAX_VALUE ? UNKNOWN : WAITING)
                  .bind("due", when)
                  .bind("bucket", Bucket.of(call.wallet()))
                  .bind("call", call.call().value())
                  .add());
      if (rows.size() > 0) {
        rows.execute();
      }
    }
  }

  static void remove(Handle handle, Map<CallId, WalletId> calls) {
    try (PreparedBatch rows =
        handle.prepareBatch("DELETE FROM reconcile_call WHERE bucket = :bucket AND call = :call")) {
      calls.forEach(
          (call, wallet) ->
              rows.bind("bucket", Bucket.of(wallet)).bind("call", call.value()).add());
      if (rows.size() > 0) {
        rows.execute();
      }
    }
  }

  /// What is known of a provider's calls of a span of time, by the provider's ids.
  static Map<String, Told> told(Handle handle, String provider, long fromMicros, long toMicros) {
    Map<String, Told> told = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT call, request, state, coalesce(bill, 0) FROM reconcile_call
            WHERE provider = :provider AND call >= :from AND call < :to
            """)
        .bind("provider", provider)
        .bind("from", ReservedIds.firstAt(fromMicros))
        .bind("to", ReservedIds.firstAt(toMicros))
        .map(
            (row, _) ->
                new Told(
                    new CallId(row.getLong(1)),
                    row.getString(2),
                    row.getString(3),
                    Nanos.of(row.getLong(4))))
        .forEach(
            each ->
                told.merge(
                    each.request(),
                    each,
                    (one, other) -> one.state().equals(BILLED) ? one : other));
    return told;
  }

  /// Bills by call, of all providers.
  static Map<CallId, Nanos> bills(Handle handle, long fromMicros, long toMicros) {
    Map<CallId, Nanos> bills = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT call, bill FROM reconcile_call
            WHERE state = 'billed' AND call >= :from AND call < :to
            """)
        .bind("from", ReservedIds.firstAt(fromMicros))
        .bind("to", ReservedIds.firstAt(toMicros))
        .map((row, _) -> Map.entry(new CallId(row.getLong(1)), Nanos.of(row.getLong(2))))
        .forEach(each -> bills.put(each.getKey(), each.getValue()));
    return bills;
  }
}
