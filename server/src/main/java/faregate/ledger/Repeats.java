package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import org.jspecify.annotations.Nullable;

/// The keys by which clients name their calls, as one batch sees them: those in the rows, and those
/// that the batch itself adds.
///
/// A key counts from its hold on, as long as that is open or has been posted; a void frees it.
final class Repeats {
  /// Where a key counts.
  record Place(WalletId wallet, long token, String key) {}

  /// The call that has a key.
  ///
  /// @param ended null while it is open
  record Named(CallId call, String print, @Nullable Ending ended) {
    Named endedBy(Ending ending) {
      return new Named(call, print, ending);
    }
  }

  private final RepeatSql rows;

  Repeats(RepeatSql rows) {
    this.rows = rows;
  }

  /// @return what a command is answered whose key another call has; null where it may be held
  @Nullable HoldOutcome answer(HoldCommand command, Changes changes, long nowMicros) {
    RepeatKey key = command.repeat();
    if (key == null) {
      return null;
    }
    Place place = place(command.wallet(), key);
    Changes.Repeat added = changes.repeats.get(place);
    Named named =
        added == null ? rows.find(place, nowMicros) : new Named(added.call(), added.print(), null);
    if (named == null) {
      return null;
    }
    Changes.Finished row = changes.finished(named.call());
    return answer(row == null ? named : named.endedBy(row.ending()), key);
  }

  /// @return what is told of the call that has a key; null where that call was voided
  static HoldOutcome.@Nullable RepeatedKey answer(Named named, RepeatKey key) {
    Ending ended = named.ended();
    return ended != null && !ended.reason().equals(Ending.POSTED)
        ? null
        : new HoldOutcome.RepeatedKey(
            named.call(), ended == null ? null : ended.charge(), named.print().equals(key.print()));
  }

  /// Notes the key of a call that is held now.
  void held(HoldCommand command, Changes changes, long nowMicros) {
    RepeatKey key = command.repeat();
    if (key != null) {
      changes.repeats.put(
          place(command.wallet(), key),
          new Changes.Repeat(command.id(), key.print(), nowMicros + RepeatKey.LIFE_MICROS));
    }
  }

  static Place place(WalletId wallet, RepeatKey key) {
    return new Place(wallet, key.token(), key.key());
  }

  /// What stands in a row beside the key itself.
  static Named named(
      long call, String print, @Nullable Long charge, boolean estimated, String reason) {
    return new Named(
        new CallId(call),
        print,
        charge == null ? null : new Ending(Nanos.of(charge), estimated, reason));
  }
}
