package faregate.cli;

import faregate.ledger.LedgerReads;
import faregate.usage.EndedCall;
import faregate.usage.Feed;
import java.util.List;

/// Hands the ledger's ended calls to the usage reports, which know no ledger.
record LedgerFeed(LedgerReads ledger) implements Feed {

  @Override
  public List<Long> fences() {
    return ledger.fences();
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
