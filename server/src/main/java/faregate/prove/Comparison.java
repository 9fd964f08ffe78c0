package faregate.prove;

import faregate.prove.Books.WalletBook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Holds three books against each other: a pure function.
///
/// A cost that a client was told is the charge in the ledger's row. What providers billed for a
/// call lies between its charge and its charge plus what its incidents allow, and above its charge
/// only where an injected fault hit it. No call was sent with less held than it could cost, and no
/// wallet was ever beyond its credit, by the providers' own times and not by the ledger's.
final class Comparison {
  private static final int FINDINGS_MAX = 50;

  private final Books books;
  private final Map<String, Row> rows = new HashMap<>();
  private final Map<String, List<BillLine>> bills = new TreeMap<>();
  private final Map<String, CallNote> notesByTag = new HashMap<>();
  private final List<String> findings = new ArrayList<>();
  private long lost;
  private long overspent;
  private long false402;
  private long unexplained;
  private long covered;

  private Comparison(Books books) {
    this.books = books;
    books.rows().forEach(row -> rows.put(row.call(), row));
    books.notes().forEach(note -> notesByTag.put(note.tag(), note));
    for (BillLine bill : books.bills()) {
      bills.computeIfAbsent(bill.call(), _ -> new ArrayList<>()).add(bill);
    }
  }

  static Verdict of(Books books) {
    return new Comparison(books).run();
  }

  private Verdict run() {
    books.notes().forEach(this::told);
    bills.forEach(this::billed);
    rows.values().stream().filter(row -> !bills.containsKey(row.call())).forEach(this::unbilled);
    Spending spending = new Spending(books, rows, bills, notesByTag);
    for (WalletBook wallet : books.wallets()) {
      spending.overspending(wallet).ifPresent(this::overspent);
      spending.falseRefusals(wallet).forEach(this::falselyRefused);
    }
    books.lots().forEach(this::lot);
    if (!books.auditFinding().isEmpty()) {
      overspent("audit: " + books.auditFinding());
    }
    books.unserved().forEach(this::falselyRefused);
    if (books.openHolds() > 0) {
      find(books.openHolds() + " holds are open past their grace");
    }
    return verdict();
  }

  private Verdict verdict() {
    return new Verdict(
        books.notes().size(),
        books.notes().stream().filter(CallNote::isTold).count(),
        sum(books.bills().stream().mapToLong(BillLine::cost).toArray()),
        sum(books.rows().stream().mapToLong(Row::charge).toArray()),
        sum(books.rows().stream().mapToLong(Row::owned).toArray()),
        covered,
        books.notes().stream()
            .collect(Collectors.groupingBy(CallNote::words, TreeMap::new, Collectors.counting())),
        books.notes().stream()
            .filter(CallNote::isTroubled)
            .collect(Collectors.groupingBy(CallNote::trouble, TreeMap::new, Collectors.counting())),
        lost,
        overspent,
        books.openHolds(),
        false402,
        unexplained,
        List.copyOf(findings));
  }

  private void told(CallNote note) {
    if (!note.isTold()) {
      if (note.end() == CallNote.End.ANSWERED) {
        lost++;
        find("call " + note.call() + ": answered to its end, and no cost was told");
      }
      return;
    }
    Row row = rows.get(note.call());
    if (row == null) {
      lost++;
      find(
          "call " + note.call() + ": a client was told " + note.cost() + ", the ledger has no row");
    } else if (row.charge() != note.cost()) {
      lost++;
      find(
          "call %s: a client was told %d, the ledger charged %d"
              .formatted(note.call(), note.cost(), row.charge()));
    }
  }

  private void billed(String call, List<BillLine> lines) {
    Row row = rows.get(call);
    long billed = sum(lines.stream().mapToLong(BillLine::cost).toArray());
    long ceiling = lines.stream().mapToLong(BillLine::ceiling).max().orElse(0);
    if (row == null) {
      if (billed > 0) {
        lost++;
        unexplained(billed, "call " + call + ": a provider bills it, the ledger does not know it");
      }
      return;
    }
    if (ceiling > row.held()) {
      overspent("call %s: could cost %d, only %d was held".formatted(call, ceiling, row.held()));
    }
    compare(row, billed, lines);
  }

  private void compare(Row row, long billed, List<BillLine> lines) {
    long beyond = Math.subtractExact(billed, row.charge());
    String figures =
        "call %s (%s): billed %d, charged %d, the operator's %d"
            .formatted(row.call(), row.reason(), billed, row.charge(), row.owned());
    if (beyond < 0) {
      unexplained(-beyond, figures + ": charged above the bill");
    } else if (beyond > row.owned()) {
      unexplained(beyond - row.owned(), figures + ": nobody answers for the rest");
    } else if (beyond > 0 && lines.stream().noneMatch(this::wasHit)) {
      unexplained(beyond, figures + ": no fault hit it");
    } else {
      covered = Math.addExact(covered, beyond);
    }
  }

  private boolean wasHit(BillLine line) {
    CallNote note = notesByTag.get(line.tag());
    return note != null && isHit(note);
  }

  private boolean isHit(CallNote note) {
    return note.isTroubled() || books.mishaps().stream().anyMatch(mishap -> mishap.excuses(note));
  }

  private void unbilled(Row row) {
    if (row.charge() > 0) {
      unexplained(
          row.charge(),
          "call %s: charged %d, no provider bills it".formatted(row.call(), row.charge()));
    }
  }

  private void lot(LotRow lot) {
    if (lot.pending() < 0 || lot.posted() < 0 || lot.pending() + lot.posted() > lot.granted()) {
      overspent("lot " + lot + " is beyond what was granted");
    }
  }

  private void overspent(String finding) {
    overspent++;
    find(finding);
  }

  private void falselyRefused(String finding) {
    false402++;
    find(finding);
  }

  private void unexplained(long amount, String finding) {
    unexplained = Math.addExact(unexplained, amount);
    find(finding);
  }

  private void find(String finding) {
    if (findings.size() < FINDINGS_MAX) {
      findings.add(finding);
    }
  }

  private static long sum(long[] amounts) {
    long sum = 0;
    for (long amount : amounts) {
      sum = Math.addExact(sum, amount);
    }
    return sum;
  }
}
