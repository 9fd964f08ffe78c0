package faregate.gateway;

import faregate.ledger.LedgerReads;
import faregate.usage.EndedCall;
import faregate.usage.Feed;
import java.util.List;

/// Hands the ledger's ended calls to `usage`, for houses that tests build by hand.
public final class LedgerRows {
  private LedgerRows() {}

  public static Feed of(LedgerReads ledger) {
    return new Feed() {
      @Override
      public List<Long> fences() {
        return ledger.fences();
      }

      @Override
      public List<EndedCall> after(long fence, long seq, int limit) {
        return ledger.finishedAfter(fence, seq, limit).stream()
            .map(
                row ->
                    new EndedCall(
                        row.id(),
                        row.wallet(),
                        row.charge(),
                        row.estimated(),
                        row.reason(),
                        row.facts(),
                        row.fence(),
                        row.seq()))
            .toList();
      }
    };
  }
}
