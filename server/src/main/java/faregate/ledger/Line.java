package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Holds that wait until other holds of their wallet end: first in, first out by wallet.
///
/// Each change of a wallet's line notes in the batch's [Changes] how it was, for [#undo].
final class Line {
  private final Map<WalletId, Deque<Work.Hold>> lines = new HashMap<>();
  private int size;

  /// Never later than the first that has waited long enough.
  private long dueNanos = Long.MAX_VALUE;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean waits(WalletId wallet) {
    return size > 0 && lines.containsKey(wallet);
  }

  List<WalletId> wallets() {
    return new ArrayList<>(lines.keySet());
  }

  Work.@Nullable Hold first(WalletId wallet) {
    Deque<Work.Hold> line = lines.get(wallet);
    return line == null ? null : line.peekFirst();
  }

  void join(Work.Hold hold, Changes changes) {
    WalletId wallet = hold.command().wallet();
    note(wallet, changes);
    lines.computeIfAbsent(wallet, _ -> new ArrayDeque<>()).addLast(hold);
    size++;
    dueNanos = Math.min(dueNanos, hold.waitsUntilNanos());
  }

  void leaveFirst(WalletId wallet, Changes changes) {
    note(wallet, changes);
    Deque<Work.Hold> line = lines.get(wallet);
    if (line != null && line.pollFirst() != null) {
      size--;
      if (line.isEmpty()) {
        lines.remove(wallet);
      }
    }
  }

  /// Takes out all holds of one call.
  List<Work.Hold> leave(WalletId wallet, CallId call, Changes changes) {
    return waits(wallet)
        ? takeOut(wallet, changes, hold -> hold.command().id().equals(call))
        : List.of();
  }

  /// How long until somebody has waited long enough.
  long nanosUntilDue(long nowNanos) {
    return size == 0 ? Long.MAX_VALUE : Math.max(0, dueNanos - nowNanos);
  }

  /// Takes out all that have waited long enough.
  ///
  /// @param wanted in whose lines
  List<Work.Hold> leaveOverdue(long nowNanos, Changes changes, Predicate<WalletId> wanted) {
    List<Work.Hold> overdue = new ArrayList<>();
    dueNanos = Long.MAX_VALUE;
    for (WalletId wallet : wallets()) {
      if (!wanted.test(wallet)) {
        continue;
      }
      overdue.addAll(takeOut(wallet, changes, hold -> hold.waitsUntilNanos() - nowNanos <= 0));
    }
    lines.values().forEach(line -> line.forEach(this::considerDue));
    return overdue;
  }

  private void considerDue(Work.Hold hold) {
    dueNanos = Math.min(dueNanos, hold.waitsUntilNanos());
  }

  private List<Work.Hold> takeOut(WalletId wallet, Changes changes, Predicate<Work.Hold> wanted) {
    List<Work.Hold> out = new ArrayList<>();
    note(wallet, changes);
    Deque<Work.Hold> line = lines.getOrDefault(wallet, new ArrayDeque<>());
    for (Iterator<Work.Hold> holds = line.iterator(); holds.hasNext(); ) {
      Work.Hold hold = holds.next();
      if (wanted.test(hold)) {
        out.add(hold);
        holds.remove();
        size--;
      }
    }
    if (line.isEmpty()) {
      lines.remove(wallet);
    }
    return out;
  }

  /// Takes out everybody.
  List<Work.Hold> clear() {
    List<Work.Hold> all = lines.values().stream().flatMap(Deque::stream).toList();
    lines.clear();
    size = 0;
    return all;
  }

  private void note(WalletId wallet, Changes changes) {
    if (!changes.linesBefore.containsKey(wallet)) {
      changes.linesBefore.put(wallet, List.copyOf(lines.getOrDefault(wallet, new ArrayDeque<>())));
    }
  }

  void undo(Changes changes) {
    changes.linesBefore.forEach(
        (wallet, before) -> {
          Deque<Work.Hold> now = lines.remove(wallet);
          size -= now == null ? 0 : now.size();
          if (!before.isEmpty()) {
            lines.put(wallet, new ArrayDeque<>(before));
            size += before.size();
            before.forEach(this::considerDue);
          }
        });
  }
}
