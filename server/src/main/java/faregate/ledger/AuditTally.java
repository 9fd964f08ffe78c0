package faregate.ledger;

import faregate.money.Nanos;

/// What the audit has added up so far. Amounts are nano-USD of the wallets' own lots: spending
/// limits are no money.
final class AuditTally {
  private long wallets;
  private long lots;
  private long holds;
  private long finished;
  private long closed;
  private long granted;
  private long pending;
  private long posted;
  private long loss;
  private long exposure;
  private long lastWallet = Long.MIN_VALUE;

  void lot(AuditSql.LotRow row) {
    lots++;
    if (row.wallet() != lastWallet) {
      wallets++;
      lastWallet = row.wallet();
    }
    LotState lot = row.lot();
    if (!lot.isLimit()) {
      granted = Math.addExact(granted, lot.granted());
      pending = Math.addExact(pending, lot.pending());
      posted = Math.addExact(posted, lot.posted());
    }
  }

  void hold() {
    holds++;
  }

  void finished() {
    finished++;
  }

  void closed(long calls) {
    closed += calls;
  }

  void incident(AuditSql.IncidentRow row) {
    if (row.kind().equals("loss")) {
      loss = Math.addExact(loss, row.amount());
    } else {
      exposure = Math.addExact(exposure, row.amount());
    }
  }

  LedgerReads.AuditReport report(@org.jspecify.annotations.Nullable String wrong) {
    return new LedgerReads.AuditReport(
        wallets,
        lots,
        holds,
        finished,
        closed,
        Nanos.of(granted),
        Nanos.of(pending),
        Nanos.of(posted),
        Nanos.of(loss),
        Nanos.of(exposure),
        wrong);
  }
}
