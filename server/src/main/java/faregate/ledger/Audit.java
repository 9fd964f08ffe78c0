package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.store.Database;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Recomputes every lot from the rows that made it what it is.
///
/// total = legs of transfers other than adjustments · granted = what the target leaves of it ·
/// pending = legs of open holds · posted = legs of ended calls and of adjustments, and the closing
/// sums of those that are kept no longer. The legs of each hold must add up to it, those of each
/// ended call to its charge, and no call may be both open and ended.
///
/// It may run while the ledger serves. A small ledger is read in one snapshot. A large one on a
/// shared database is read bucket by bucket, for a long snapshot there keeps the dead versions of
/// busy lots alive. On SQLite no key begins with the bucket, so each part reads all ended calls
/// again: there are no more parts than memory asks for.
final class Audit {
  private static final long FINISHED_AT_ONCE = 50_000;
  private static final long LOTS_AT_ONCE = 200_000;
  private static final long TRANSFERS_AT_ONCE = 500_000;

  private final AuditTally tally;
  private final Map<Long, Sums> lots = new HashMap<>();
  private final Map<Long, Long> adjustments = new HashMap<>();
  private @Nullable String wrong;

  private Audit(AuditTally tally) {
    this.tally = tally;
  }

  static LedgerReads.AuditReport run(Database database) {
    AuditTally tally = new AuditTally();
    String wrong = null;
    boolean shared = database.lane().session().isShared();
    int parts = database.read(handle -> parts(handle, shared));
    for (int part = 0; part < parts && wrong == null; part++) {
      int first = part * Bucket.COUNT / parts;
      int last = (part + 1) * Bucket.COUNT / parts - 1;
      Audit audit = new Audit(tally);
      wrong = database.read(handle -> audit.buckets(handle, first, last)).wrong;
    }
    return tally.report(wrong);
  }

  private static int parts(Handle handle, boolean shared) {
    if (shared && AuditSql.hasMoreFinished(handle, FINISHED_AT_ONCE)) {
      return Bucket.COUNT;
    }
    long parts =
        Math.max(
            AuditSql.lots(handle) / LOTS_AT_ONCE, AuditSql.transfers(handle) / TRANSFERS_AT_ONCE);
    return Math.toIntExact(Math.min(Bucket.COUNT, parts + 1));
  }

  /// What the rows say about one lot.
  private static final class Sums {
    private final AuditSql.LotRow row;
    private long total;
    private long pending;
    private long posted;

    Sums(AuditSql.LotRow row) {
      this.row = row;
    }
  }

  private Audit buckets(Handle handle, int first, int last) {
    AuditSql rows = new AuditSql(handle, first, last);
    rows.lots(this::lot);
    rows.transfers(this::transfer);
    rows.holds(this::hold);
    rows.finished(this::finished);
    rows.closings(this::closing);
    tally.closed(rows.closed());
    rows.incidents(tally::incident);
    lots.values().forEach(this::compare);
    return this;
  }

  private void lot(AuditSql.LotRow row) {
    tally.lot(row);
    lots.put(row.lot().id().value(), new Sums(row));
  }

  private void transfer(AuditSql.TransferRow row) {
    String name = "transfer '" + row.ref() + "' of wallet " + row.wallet();
    for (Leg leg : legs(row.legs(), name)) {
      Sums sums = sums(leg, row.wallet(), name);
      if (row.adjusts()) {
        sums.posted += leg.posted();
      } else {
        sums.total += leg.posted();
      }
    }
    if (row.adjusts()) {
      adjustments.merge(row.call(), row.amount(), Math::addExact);
    }
  }

  private void hold(AuditSql.HoldRow row) {
    tally.hold();
    String name = "hold " + new CallId(row.id());
    List<Leg> legs = legs(row.legs(), name);
    for (Leg leg : legs) {
      sums(leg, row.wallet(), name).pending += leg.held();
    }
    check(name + " holds", row.held(), legs.stream().filter(leg -> !leg.limit()), Leg::held);
    checkLimits(name + " holds", row.held(), legs, Leg::held);
  }

  private void finished(AuditSql.FinishedRow row) {
    tally.finished();
    String name = "ended call " + new CallId(row.id());
    List<Leg> legs = legs(row.legs(), name);
    for (Leg leg : legs) {
      sums(leg, row.wallet(), name).posted += leg.posted();
    }
    check(name + " held", row.held(), legs.stream().filter(leg -> !leg.limit()), Leg::held);
    check(name + " cost", row.charge(), legs.stream().filter(leg -> !leg.limit()), Leg::posted);
    checkLimits(name + " cost", row.charge(), legs, Leg::posted);
    long expected = row.charge() + adjustments.getOrDefault(row.id(), 0L);
    if (row.adjusted() != expected) {
      fail(name + " shows " + row.adjusted() + " where its adjustments make it " + expected);
    }
    if (row.open()) {
      fail(name + " is open as well");
    }
  }

  private void closing(AuditSql.ClosingRow row) {
    Leg leg = new Leg(new LotId(row.lot()), row.limit(), 0, row.posted());
    sums(leg, row.wallet(), "the closing sum of wallet " + row.wallet()).posted += row.posted();
  }

  private void check(
      String name,
      long expected,
      java.util.stream.Stream<Leg> legs,
      java.util.function.ToLongFunction<Leg> amount) {
    long sum = legs.mapToLong(amount).sum();
    if (sum != expected) {
      fail(name + " " + expected + " but its legs make it " + sum);
    }
  }

  private void checkLimits(
      String name, long expected, List<Leg> legs, java.util.function.ToLongFunction<Leg> amount) {
    for (Leg leg : legs) {
      if (leg.limit() && amount.applyAsLong(leg) != expected) {
        fail(name + " " + expected + " but its leg in limit " + leg.lot() + " differs");
      }
    }
  }

  private void compare(Sums sums) {
    LotState lot = sums.row.lot();
    String name = "lot " + lot.id() + " of wallet " + sums.row.wallet();
    long granted = LotState.granted(sums.total, lot.target(), sums.pending + sums.posted);
    same(name, "total", lot.total(), sums.total);
    same(name, "granted", lot.granted(), granted);
    same(name, "pending", lot.pending(), sums.pending);
    same(name, "posted", lot.posted(), sums.posted);
  }

  private void same(String name, String column, long shown, long expected) {
    if (shown != expected) {
      fail(name + " shows " + column + " " + shown + " where its rows make it " + expected);
    }
  }

  private List<Leg> legs(byte[] bytes, String name) {
    try {
      return Legs.decode(bytes);
    } catch (IllegalArgumentException e) {
      fail(name + " is damaged: " + e.getMessage());
      return List.of();
    }
  }

  private Sums sums(Leg leg, long wallet, String name) {
    Sums sums = lots.get(leg.lot().value());
    if (sums == null || sums.row.wallet() != wallet || sums.row.lot().isLimit() != leg.limit()) {
      fail(name + " has a leg in lot " + leg.lot() + ", which wallet " + wallet + " does not have");
      return sums == null ? new Sums(NOWHERE) : sums;
    }
    return sums;
  }

  /// Takes the amounts of legs that point nowhere.
  private static final AuditSql.LotRow NOWHERE =
      new AuditSql.LotRow(
          0,
          new LotState(
              new LotId(Long.MAX_VALUE),
              LotKind.GRANT,
              0,
              0,
              LotState.NO_TARGET,
              0,
              0,
              0,
              Long.MAX_VALUE,
              ""));

  private void fail(String sentence) {
    if (wrong == null) {
      wrong = sentence;
    }
  }
}
