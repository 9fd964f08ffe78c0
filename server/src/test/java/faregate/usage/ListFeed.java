package faregate.usage;

import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A feed in memory: batches of ended calls, in the order in which they were committed.
final class ListFeed implements Feed {
  private final Map<String, List<EndedCall>> calls = new TreeMap<>();
  private final Map<String, Long> seqs = new TreeMap<>();

  /// Commits a batch of one writer: all of its rows appear at once.
  synchronized void commit(String fence, List<Ended> batch) {
    long seq = seqs.merge(fence, 1L, Long::sum);
    List<EndedCall> rows = calls.computeIfAbsent(fence, _ -> new ArrayList<>());
    batch.stream()
        .sorted(Comparator.comparingLong(Ended::id))
        .forEach(each -> rows.add(each.call(fence, seq)));
  }

  @Override
  public synchronized List<Writer> writers() {
    return seqs.entrySet().stream()
        .map(each -> new Writer(each.getKey(), each.getValue()))
        .toList();
  }

  @Override
  public synchronized List<EndedCall> after(String fence, Position position, int limit) {
    return calls.getOrDefault(fence, List.of()).stream()
        .filter(
            call ->
                call.seq() > position.seq()
                    || (call.seq() == position.seq() && call.id().value() > position.call()))
        .limit(limit)
        .toList();
  }

  /// What a test says about a call.
  record Ended(
      long id,
      long wallet,
      long heldMicros,
      long charge,
      String provider,
      String model,
      String session) {

    EndedCall call(String fence, long seq) {
      Facts facts =
          new Facts(
              new TokenId(1),
              new UserId(1),
              model,
              new OfferId(provider, model),
              "v1",
              Quantities.tokens(10, 20),
              true,
              session,
              "",
              heldMicros,
              5,
              100);
      return new EndedCall(
          new CallId(id),
          new WalletId(wallet),
          heldMicros,
          Nanos.of(charge),
          false,
          charge == 0 ? "upstream_error" : EndedCall.POSTED,
          FactsCodec.encode(facts),
          fence,
          seq);
    }
  }
}
