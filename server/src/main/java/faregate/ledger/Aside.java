package faregate.ledger;

import faregate.id.WalletId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Commands on wallets whose lots somebody else holds locked: another node that hangs, or a person
/// in a transaction. They wait here, in their order, and everybody else goes on.
final class Aside {
  /// A hold waits at least so long before it is turned away.
  private static final long HOLD_NANOS_MIN = 1_000_000_000;

  private static final int RETRY_AFTER_SECONDS = 2;

  private final Map<WalletId, Deque<Work>> waiting = new LinkedHashMap<>();
  private final Set<WalletId> contested = new HashSet<>();

  /// The wallets themselves. The desk adds and removes them as it finds them.
  Set<WalletId> contested() {
    return contested;
  }

  boolean isEmpty() {
    return waiting.isEmpty() && contested.isEmpty();
  }

  int size() {
    int size = 0;
    for (Deque<Work> works : waiting.values()) {
      size += works.size();
    }
    return size;
  }

  /// Takes out of a batch what has to wait here.
  void filter(List<Work> batch) {
    if (!isEmpty()) {
      batch.removeIf(
          work -> {
            boolean waits = contested.contains(work.wallet()) || waiting.containsKey(work.wallet());
            if (waits) {
              add(work);
            }
            return waits;
          });
    }
  }

  void add(Work work) {
    waiting.computeIfAbsent(work.wallet(), _ -> new ArrayDeque<>()).addLast(work);
  }

  /// Takes out what is to be tried again, wallet by wallet.
  List<Work> take(int countMax) {
    List<Work> taken = new ArrayList<>();
    for (Deque<Work> works : waiting.values()) {
      while (taken.size() < countMax && !works.isEmpty()) {
        taken.add(works.removeFirst());
      }
    }
    waiting.values().removeIf(Deque::isEmpty);
    return taken;
  }

  /// Puts back what still cannot be done, before what has come meanwhile.
  void putBack(List<Work> works) {
    for (Work work : works.reversed()) {
      waiting.computeIfAbsent(work.wallet(), _ -> new ArrayDeque<>()).addFirst(work);
    }
  }

  /// Turns holds away that have waited long enough.
  void answerOverdue(long nowNanos) {
    for (Deque<Work> works : waiting.values()) {
      works.removeIf(
          work -> {
            boolean overdue =
                work instanceof Work.Hold hold
                    && nowNanos - hold.waitsUntilNanos() >= 0
                    && nowNanos - hold.arrivedNanos() >= HOLD_NANOS_MIN;
            if (overdue && work instanceof Work.Hold hold) {
              hold.reply().give(new HoldOutcome.Overloaded(RETRY_AFTER_SECONDS));
            }
            return overdue;
          });
    }
    waiting.values().removeIf(Deque::isEmpty);
  }

  /// Turns all holds away: nobody can look after them at the moment.
  void giveUpHolds(String reason) {
    for (Deque<Work> works : waiting.values()) {
      works.removeIf(
          work -> {
            boolean hold = work instanceof Work.Hold;
            if (hold) {
              work.refuse(reason);
            }
            return hold;
          });
    }
    waiting.values().removeIf(Deque::isEmpty);
  }

  /// Everything, in order; nothing is contested any more as far as is known.
  List<Work> clear() {
    List<Work> all = take(Integer.MAX_VALUE);
    contested.clear();
    return all;
  }
}
