package faregate.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the ledger must answer, by a model that shares nothing with it: plain numbers, plain maps,
/// no batches, no rows, no memory of its own beyond what was ever told.
///
/// Wallets, lots and calls are small numbers of the model's own. Answers are sentences.
final class Model {
  private static final class Parcel {
    final int number;
    final int rank;
    final long starts;
    final long expires;
    final boolean bought;
    long brought;
    @Nullable Long lowered;
    final Map<Long, Long> settings = new HashMap<>();
    final Map<Integer, Long> held = new HashMap<>();
    final Map<Integer, Long> spent = new HashMap<>();

    Parcel(int number, int rank, long starts, long expires, boolean bought, long brought) {
      this.number = number;
      this.bought = bought;
      this.rank = rank;
      this.starts = starts;
      this.expires = expires;
      this.brought = brought;
    }

    long sum(Map<Integer, Long> parts) {
      long sum = 0;
      for (long part : parts.values()) {
        sum += part;
      }
      return sum;
    }

    long worth() {
      long used = sum(held) + sum(spent);
      return lowered == null ? brought : Math.min(brought, Math.max(lowered, used));
    }

    long free() {
      return worth() - sum(held) - sum(spent);
    }

    long freeAtBest() {
      long spentAll = sum(spent);
      long best = lowered == null ? brought : Math.min(brought, Math.max(lowered, spentAll));
      return best - spentAll;
    }

    /// Used of a purchase that was taken back, and paid by nothing else.
    long owed() {
      return bought && lowered != null ? Math.max(0, sum(spent) - lowered) : 0;
    }

    boolean counts(long now) {
      return now >= starts && now < expires;
    }
  }

  private static final class Call {
    final String asked;
    final long held;
    final List<Integer> parts = new ArrayList<>();
    final List<Integer> bounds = new ArrayList<>();
    @Nullable String end;
    long mark = -1;
    long cost;
    long bill = Long.MIN_VALUE;

    Call(String asked, long held) {
      this.asked = asked;
      this.held = held;
    }
  }

  static final int PURCHASED = 2;
  static final int LIMIT = 4;
  private final Map<Integer, Parcel> parcels = new HashMap<>();
  private final Map<Integer, Call> calls = new HashMap<>();
  private final Set<String> grants = new HashSet<>();

  /// What ended calls had held, by call and lot.
  private final Map<Integer, Map<Integer, Long>> asHeld = new HashMap<>();

  String grant(int lot, int rank, long amount, long starts, long expires, String ref) {
    if (!grants.add(ref)) {
      return "before";
    }
    boolean bought = ref.startsWith("purchase:") && rank == PURCHASED;
    Parcel parcel = new Parcel(lot, rank, starts, expires, bought, amount);
    if (bought) {
      payWhatIsOwed(parcel);
    }
    parcels.put(lot, parcel);
    return "granted";
  }

  /// What a lot pays for another one is spent by a call of its own, with a number below 0.
  private void payWhatIsOwed(Parcel purchase) {
    for (Parcel owing : inOrder()) {
      long paid = Math.min(owing.owed(), purchase.free());
      if (paid > 0 && owing.lowered != null) {
        owing.lowered += paid;
        purchase.spent.put(-owing.number, paid);
      }
    }
  }

  /// Only where the lot was never worth so much.
  String raise(int lot, long size) {
    return size <= parcel(lot).brought ? "before" : resize(lot, size);
  }

  /// Unless a higher number was set before.
  String latest(int lot, long size, long number) {
    Map<Long, Long> settings = parcel(lot).settings;
    Long same = settings.get(number);
    if (same != null) {
      return same == size ? "before" : "different";
    }
    if (settings.keySet().stream().anyMatch(known -> known > number)) {
      return "before";
    }
    settings.put(number, size);
    return resize(lot, size);
  }

  String resize(int lot, long size) {
    Parcel parcel = parcel(lot);
    if (size >= parcel.brought) {
      parcel.brought = size;
      parcel.lowered = null;
    } else {
      parcel.lowered = size;
    }
    return "resized " + parcel.worth();
  }

  String hold(int id, List<Integer> limits, long least, long wish, long most, long now) {
    String asked = limits + " " + least + " " + wish + " " + most;
    Call known = calls.get(id);
    if (known != null) {
      return known.asked.equals(asked) ? "repeated " + known.held + " " + known.end : "different";
    }
    List<Parcel> usable = usable(now);
    long free = 0;
    long best = 0;
    for (Parcel parcel : usable) {
      free += parcel.free();
      best += parcel.freeAtBest();
    }
    long all = free;
    boolean enough = best >= least;
    for (int limit : limits) {
      Parcel bound = parcel(limit);
      free = Math.min(free, bound.counts(now) ? bound.free() : 0);
      best = Math.min(best, bound.counts(now) ? bound.freeAtBest() : 0);
    }
    if (best < least) {
      return "refused " + best + " " + enough;
    }
    if (free < Math.min(wish, best)) {
      return "still held " + best;
    }
    long amount = Math.min(most, Math.max(Math.min(wish, best), free / 16));
    Call call = new Call(asked, amount);
    calls.put(id, call);
    take(call, id, usable, limits, amount);
    return "held " + amount + " left " + (all - amount);
  }

  private void take(Call call, int id, List<Parcel> usable, List<Integer> limits, long amount) {
    long missing = amount;
    for (Parcel parcel : usable) {
      long part = Math.min(missing, parcel.free());
      if (part > 0) {
        parcel.held.put(id, part);
        call.parts.add(parcel.number);
        missing -= part;
      }
    }
    for (int limit : amount > 0 ? limits : List.<Integer>of()) {
      parcel(limit).held.put(id, amount);
      call.bounds.add(limit);
    }
  }

  /// Limits are kept apart, for they are no credit.
  private List<Parcel> usable(long now) {
    return inOrder().stream().filter(parcel -> parcel.rank < LIMIT && parcel.counts(now)).toList();
  }

  private List<Parcel> inOrder() {
    return parcels.values().stream()
        .sorted(
            Comparator.<Parcel>comparingInt(parcel -> parcel.rank)
                .thenComparingLong(parcel -> parcel.expires)
                .thenComparingInt(parcel -> parcel.number))
        .toList();
  }

  void mark(int id, long charge) {
    Call call = calls.get(id);
    if (call != null && call.end == null) {
      call.mark = Math.max(call.mark, charge);
    }
  }

  String settle(int id, long charge) {
    return end(id, charge, false, "posted");
  }

  String release(int id) {
    return end(id, 0, false, "upstream_error");
  }

  /// What happens to open calls when the process dies.
  void restart() {
    for (Map.Entry<Integer, Call> entry : calls.entrySet()) {
      Call call = entry.getValue();
      if (call.end == null) {
        end(
            entry.getKey(),
            Math.max(call.mark, 0),
            call.mark >= 0,
            call.mark >= 0 ? "posted" : "recovery");
      }
    }
  }

  private String end(int id, long charge, boolean estimated, String reason) {
    Call call = calls.get(id);
    if (call == null) {
      return "unknown";
    }
    if (call.end != null) {
      return "before " + call.end;
    }
    long cost = Math.min(charge, call.held);
    long missing = cost;
    for (int number : call.parts) {
      Parcel parcel = parcel(number);
      long part = Math.min(missing, parcel.held.getOrDefault(id, 0L));
      parcel.spent.put(id, part);
      missing -= part;
    }
    for (int number : call.bounds) {
      parcel(number).spent.put(id, cost);
    }
    Map<Integer, Long> was = new HashMap<>();
    for (Parcel parcel : parcels.values()) {
      Long part = parcel.held.remove(id);
      if (part != null) {
        was.put(parcel.number, part);
      }
    }
    asHeld.put(id, was);
    call.cost = cost;
    call.end = cost + " " + estimated + " " + reason;
    return "ended " + call.end;
  }

  String adjust(int id, long revision, long bill) {
    Call call = calls.get(id);
    if (call == null || call.end == null) {
      return "not ended";
    }
    if (revision <= call.bill) {
      return "stale " + call.bill;
    }
    call.bill = revision;
    long most = call.end.endsWith(Ending.POSTED) ? call.held : 0;
    long step = Math.min(bill, most) - call.cost;
    if (step < 0) {
      giveBack(call, id, -step);
    } else {
      takeMore(call, id, step);
    }
    return "adjusted " + call.cost + " " + (bill - call.cost);
  }

  private void giveBack(Call call, int id, long amount) {
    long missing = amount;
    for (int number : call.parts.reversed()) {
      Parcel parcel = parcel(number);
      long part = Math.min(missing, parcel.spent.getOrDefault(id, 0L));
      parcel.spent.merge(id, -part, Long::sum);
      missing -= part;
    }
    for (int number : call.bounds) {
      parcel(number).spent.merge(id, -amount, Long::sum);
    }
    call.cost -= amount;
  }

  private void takeMore(Call call, int id, long amount) {
    long room = amount;
    for (int number : call.bounds) {
      room = Math.min(room, parcel(number).free());
    }
    long taken = 0;
    for (int number : call.parts) {
      Parcel parcel = parcel(number);
      long was = asHeld.getOrDefault(id, Map.of()).getOrDefault(number, 0L);
      long part =
          Math.min(room - taken, Math.min(was - parcel.spent.getOrDefault(id, 0L), parcel.free()));
      parcel.spent.merge(id, part, Long::sum);
      taken += part;
    }
    for (int number : call.bounds) {
      parcel(number).spent.merge(id, taken, Long::sum);
    }
    call.cost += taken;
  }

  /// The lots as the ledger must show them.
  String lot(int number) {
    Parcel parcel = parcel(number);
    return parcel.worth()
        + " "
        + parcel.sum(parcel.held)
        + " "
        + parcel.sum(parcel.spent)
        + " "
        + parcel.owed();
  }

  Set<Integer> lots() {
    return parcels.keySet();
  }

  boolean isLimit(int lot) {
    return parcel(lot).rank == LIMIT;
  }

  private Parcel parcel(int number) {
    return java.util.Objects.requireNonNull(parcels.get(number));
  }
}
