package faregate.usage;

import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A feed in memory: batches of ended calls, in the order in which they were committed. As in the
/// ledger, a call that is told again leaves its old batch.
final class ListFeed implements Feed {
  private final Map<Long, List<EndedCall>> calls = new TreeMap<>();
  private final Map<Long, Long> seqs = new TreeMap<>();
  private long keptFrom;

  /// Single calls from before that moment are gone.
  synchronized void keepFrom(long micros) {
    keptFrom = micros;
  }

  @Override
  public synchronized long keptFromMicros() {
    return keptFrom;
  }

  /// Commits a batch of one writer: all of its rows appear at once.
  synchronized void commit(long fence, List<Ended> batch) {
    long seq = seqs.merge(fence, 1L, Long::sum);
    List<EndedCall> rows = calls.computeIfAbsent(fence, _ -> new ArrayList<>());
    for (Ended each : batch) {
      rows.removeIf(row -> row.id().value() == each.id());
      rows.add(each.call(fence, seq));
    }
  }

  @Override
  public synchronized List<Long> fences() {
    return List.copyOf(seqs.keySet());
  }

  @Override
  public synchronized List<EndedCall> after(long fence, long seq, int limit) {
    List<EndedCall> found = new ArrayList<>();
    for (EndedCall call : calls.getOrDefault(fence, List.of())) {
      if (found.size() >= limit && found.getLast().seq() != call.seq()) {
        break;
      }
      if (call.seq() > seq) {
        found.add(call);
      }
    }
    return found;
  }

  /// What a test says about a call.
  record Ended(
      long id,
      long wallet,
      long charge,
      String provider,
      String model,
      String session,
      Spender spender) {

    Ended by(Spender other) {
      return new Ended(id, wallet, charge, provider, model, session, other);
    }

    EndedCall call(long fence, long seq) {
      Facts facts =
          new Facts(
                  new TokenId(spender.token()),
                  new UserId(1),
                  model,
                  new OfferId(provider, model),
                  "v1",
                  Quantities.tokens(10, 20),
                  true,
                  session,
                  "",
                  1,
                  5,
                  100)
              .with(new Facts.Payment(false, spender.account(), "", spender.group()));
      return new EndedCall(
          new CallId(id),
          new WalletId(wallet),
          Nanos.of(charge),
          false,
          charge == 0 ? "upstream_error" : EndedCall.POSTED,
          FactsCodec.encode(facts),
          fence,
          seq);
    }
  }
}
