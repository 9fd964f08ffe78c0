package faregate.prove;

import faregate.prove.Books.WalletBook;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What wallets had in flight and posted at every moment, by the providers' times: what a call
/// could still cost from its first byte at a provider to its last, and what it was charged from
/// then on.
///
/// A call whose gateway died, or whose deadline a set clock passed, is in flight only until then:
/// what it costs beyond that is the operator's.
final class Spending {
  private final Map<Long, List<Span>> byWallet = new HashMap<>();
  private final Books books;

  /// @param ceiling the most it could cost
  private record Span(long beganNanos, long endedNanos, long ceiling, long charge) {}

  private record Step(long nanos, long amount) {}

  Spending(
      Books books,
      Map<String, Row> rows,
      Map<String, List<BillLine>> bills,
      Map<String, CallNote> notesByTag) {
    this.books = books;
    bills.forEach(
        (call, lines) -> {
          Row row = rows.get(call);
          if (row != null) {
            byWallet
                .computeIfAbsent(row.wallet(), _ -> new ArrayList<>())
                .add(span(row, lines, notesByTag.get(lines.getFirst().tag())));
          }
        });
  }

  private Span span(
      Row row, List<BillLine> lines, @org.jspecify.annotations.Nullable CallNote note) {
    long began = lines.stream().mapToLong(BillLine::beganNanos).min().orElse(0);
    long ended = lines.stream().mapToLong(BillLine::endedNanos).max().orElse(0);
    for (Mishap mishap : books.mishaps()) {
      if (note != null && mishap.endedHold(note.node(), began, ended)) {
        ended = Math.clamp(mishap.fromNanos(), began, ended);
      }
    }
    long ceiling = lines.stream().mapToLong(BillLine::ceiling).max().orElse(0);
    return new Span(began, ended, ceiling, row.charge());
  }

  /// The worst moment of a wallet, if it was ever beyond its credit.
  Optional<String> overspending(WalletBook wallet) {
    List<Step> steps = new ArrayList<>();
    for (Span span : spans(wallet)) {
      steps.add(new Step(span.beganNanos, span.ceiling));
      steps.add(new Step(span.endedNanos, span.charge - span.ceiling));
    }
    steps.sort(Comparator.comparingLong(Step::nanos).thenComparingLong(Step::amount));
    long now = 0;
    long worst = 0;
    for (Step step : steps) {
      now = Math.addExact(now, step.amount);
      worst = Math.max(worst, now);
    }
    return worst <= wallet.given()
        ? Optional.empty()
        : Optional.of(
            "wallet %s: %d in flight or posted, %d given"
                .formatted(wallet.name(), worst, wallet.given()));
  }

  /// 402s for which the credit was certainly there: even if every call that was sent by then had
  /// been charged already, and everything on lots that are still in force.
  List<String> falseRefusals(WalletBook wallet) {
    List<String> found = new ArrayList<>();
    List<Span> spans = spans(wallet);
    for (CallNote note : books.notes()) {
      if (note.end() != CallNote.End.OUT_OF_CREDIT
          || !books.wallets().get(note.wallet()).equals(wallet)) {
        continue;
      }
      if (note.needed() == CallNote.UNTOLD) {
        found.add(
            "call %s of wallet %s: 402 without figures".formatted(note.call(), wallet.name()));
        continue;
      }
      long charged = 0;
      for (Span span : spans) {
        charged += span.beganNanos - note.doneNanos() <= 0 ? span.charge : 0;
      }
      long least = wallet.bought() + wallet.monthly() - charged;
      if (least >= note.needed()) {
        found.add(
            "call %s of wallet %s: 402 with %d left by its own words, %d needed, and at least %d there"
                .formatted(note.call(), wallet.name(), note.left(), note.needed(), least));
      }
    }
    return found;
  }

  private List<Span> spans(WalletBook wallet) {
    return byWallet.getOrDefault(wallet.id(), List.of());
  }
}
