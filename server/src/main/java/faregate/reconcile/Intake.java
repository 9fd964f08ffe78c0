package faregate.reconcile;

import faregate.catalog.BillingEndpoint;
import faregate.catalog.Provider;
import faregate.catalog.Snapshot;
import faregate.id.CallId;
import faregate.ledger.LedgerReads;
import faregate.ledger.LedgerReads.Finished;
import faregate.reconcile.LateBillSql.Fresh;
import faregate.store.Database;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the ledger's endings and notes the calls that their providers can be asked about.
///
/// It remembers how far it has come for each writer, in the same transaction as what it noted: so
/// none is missed and none noted twice, after a crash and with several nodes at it.
final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  /// Small, since the ledger's batches may wait meanwhile.
  private static final int AT_ONCE = 500;

  private final Database database;
  private final LedgerReads ledger;
  private final LongSupplier nowMicros;

  Intake(Database database, LedgerReads ledger, LongSupplier nowMicros) {
    this.database = database;
    this.ledger = ledger;
    this.nowMicros = nowMicros;
  }

  /// Takes in all that ended before now.
  ///
  /// @param giveUpMicros calls that ended longer ago are not asked about any more
  void run(Snapshot catalog, long giveUpMicros) {
    boolean told = catalog.providers().stream().anyMatch(provider -> provider.billing() != null);
    long eldest = nowMicros.getAsLong() - giveUpMicros;
    for (long fence : ledger.fences()) {
      if (told) {
        while (step(fence, catalog, eldest)) {}
      } else {
        passOver(fence);
      }
    }
  }

  /// Nobody tells what it billed, so nothing has to be read.
  private void passOver(long fence) {
    long from = database.read(handle -> LateBillSql.position(handle, fence));
    long to = ledger.finishedLast(fence);
    if (to > from) {
      database.write(handle -> LateBillSql.take(handle, fence, from, to, List.of()));
    }
  }

  private boolean step(long fence, Snapshot catalog, long eldestMicros) {
    long from = database.read(handle -> LateBillSql.position(handle, fence));
    List<Finished> ended = ledger.finishedAfter(fence, from, AT_ONCE);
    if (ended.isEmpty()) {
      return false;
    }
    List<Fresh> fresh = new ArrayList<>();
    List<CallId> unreadable = new ArrayList<>();
    for (Finished call : ended) {
      if (call.endedMicros() >= eldestMicros && call.facts().length > 0) {
        try {
          fresh(call, catalog, fresh);
        } catch (IllegalArgumentException | ArithmeticException _) {
          unreadable.add(call.id());
        }
      }
    }
    if (!unreadable.isEmpty()) {
      LOG.warn(
          "what was noted of {} calls cannot be read, the first is {}: their providers are not"
              + " asked what they billed, and their charges stay as they are",
          unreadable.size(),
          unreadable.getFirst());
    }
    long to = ended.getLast().seq();
    return database.write(handle -> LateBillSql.take(handle, fence, from, to, fresh));
  }

  /// Nothing is asked about calls of which the provider told no id, nor about those that the caller
  /// pays the provider for.
  private static void fresh(Finished call, Snapshot catalog, List<Fresh> fresh) {
    Facts facts = FactsCodec.decode(call.facts());
    Provider provider = catalog.provider(facts.offer().provider());
    BillingEndpoint endpoint = provider == null ? null : provider.billing();
    String request = PastFacts.request(facts);
    if (endpoint == null || request.isEmpty() || facts.payment().byok()) {
      return;
    }
    fresh.add(
        new Fresh(
            call.id(),
            call.wallet(),
            facts.offer().provider(),
            request,
            call.endedMicros(),
            call.endedMicros() + endpoint.delay().toMillis() * 1_000));
  }
}
