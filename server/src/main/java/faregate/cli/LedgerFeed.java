package faregate.cli;

import faregate.ledger.LedgerReads;
import faregate.store.Database;
import faregate.store.Standing;
import faregate.usage.EndedCall;
import faregate.usage.Feed;
import java.util.List;

/// Hands the ledger's ended calls to the usage reports, which know no ledger.
record LedgerFeed(LedgerReads ledger, Database database) implements Feed {

  @Override
  public List<Long> fences() {
    return ledger.fences();
  }

  /// Its own, and as the lowest of the living nodes those of numbers that nobody has now.
  @Override
  public List<Long> ours() {
    Standing standing = database.standing();
    boolean lowest = standing.nodes().first() == standing.node();
    return ledger.fences().stream()
        .filter(
            fence -> {
              int node = LedgerReads.nodeOf(fence);
              return node == standing.node() || (lowest && !standing.nodes().contains(node));
            })
        .toList();
  }

  @Override
  public long keptFromMicros() {
    return ledger.keptFromMicros();
  }

  @Override
  public List<EndedCall> after(long fence, long seq, int limit) {
    return ledger.finishedAfter(fence, seq, limit).stream().map(LedgerFeed::ended).toList();
  }

  private static EndedCall ended(LedgerReads.Finished call) {
    return new EndedCall(
        call.id(),
        call.wallet(),
        call.charge(),
        call.estimated(),
        call.reason(),
        call.facts(),
        call.fence(),
        call.seq());
  }
}
