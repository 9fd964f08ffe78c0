package faregate.ledger;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.IdSource;
import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What moves credit without a call, or after it: grants, sizes of lots, late bills.
///
/// Each is kept under a reference that is unique in its wallet, so that a repeat changes nothing.
final class Transfers {
  private static final String GRANT = "grant";
  private static final String RESIZE = "resize";
  private static final String ADJUST = "adjust";

  private final Books books;
  private final LoadSql rows;
  private final IdSource ids;

  Transfers(Books books, LoadSql rows, IdSource ids) {
    this.books = books;
    this.rows = rows;
    this.ids = ids;
  }

  GrantOutcome grant(Work.Grant work, Changes changes) {
    GrantCommand command = work.command();
    Wallet wallet = books.certain(command.wallet());
    Changes.Transfer before = before(command.wallet(), command.ref(), changes);
    if (before != null) {
      // Another node may have given it after the lots were read, and before the transfer was.
      boolean isNew = before.lot() != null && wallet.find(before.lot()) == null;
      return repeated(command, before, isNew ? books.again(command.wallet()) : wallet);
    }
    LotState lot = LotState.granted(work.lot(), command);
    long amount = command.amount().value();
    long room = lot.isLimit() ? Wallet.BROUGHT_MAX : wallet.room();
    if (amount > room) {
      return new GrantOutcome.TooMuch(Nanos.of(Math.max(0, room)));
    }
    Wallet after = wallet.with(lot);
    books.put(lot.isPurchase() ? payDebts(after, lot, changes) : after);
    changes.add(
        new Changes.Transfer(
            command.wallet(),
            command.ref(),
            GRANT,
            amount,
            lot.id(),
            null,
            List.of(new Leg(lot.id(), lot.isLimit(), 0, amount)),
            command.reason()));
    return new GrantOutcome.Granted(lot.id());
  }

  /// A new purchase pays first for what was used of reversed ones. What it pays counts as spent of
  /// it; a reversed lot's target tells how much of it has been paid.
  private static Wallet payDebts(Wallet wallet, LotState purchase, Changes changes) {
    Wallet after = wallet;
    for (LotState reversed : wallet.lots()) {
      long left = after.get(purchase.id()).available();
      long paid = Math.min(reversed.debt(), left);
      if (paid > 0) {
        after = after.with(reversed.repay(paid));
        after = after.with(after.get(purchase.id()).adjust(paid));
        changes.add(
            new Changes.Transfer(
                wallet.id(),
                "repay:" + reversed.id() + ":" + purchase.id(),
                ADJUST,
                paid,
                purchase.id(),
                null,
                List.of(new Leg(purchase.id(), false, 0, paid)),
                "pays what was used of " + reversed.ref()));
      }
    }
    return after;
  }

  private static GrantOutcome repeated(
      GrantCommand command, Changes.Transfer before, Wallet wallet) {
    LotState lot = before.lot() == null ? null : wallet.find(before.lot());
    String difference =
        lot == null ? "it was a " + before.kind() : difference(command, before, lot);
    return difference.isEmpty() && lot != null
        ? new GrantOutcome.GrantedBefore(lot.id())
        : new GrantOutcome.Different("'" + command.ref() + "' was used before: " + difference);
  }

  /// @return what differs, empty when the command is a repeat
  private static String difference(GrantCommand command, Changes.Transfer before, LotState lot) {
    if (!before.kind().equals(GRANT)) {
      return "it was a " + before.kind();
    }
    if (before.amount() != command.amount().value()) {
      return "the amount was " + Nanos.of(before.amount());
    }
    if (lot.kind() != command.kind()) {
      return "the kind was " + lot.kind();
    }
    return lot.startsMicros() == command.startsMicros()
            && lot.expiresMicros() == command.expiresMicros()
        ? ""
        : "it was in force from " + lot.startsMicros() + " to " + lot.expiresMicros();
  }

  ResizeOutcome resize(ResizeCommand command, Changes changes) {
    Wallet wallet = books.certain(command.wallet());
    long size = command.size().value();
    Changes.Transfer before = before(command.wallet(), command.ref(), changes);
    if (before != null) {
      return before.kind().equals(RESIZE)
              && before.amount() == size
              && command.lot().equals(before.lot())
          ? new ResizeOutcome.ResizedBefore()
          : new ResizeOutcome.Different("'" + command.ref() + "' was used before: " + told(before));
    }
    LotState lot = wallet.find(command.lot());
    if (lot == null) {
      return new ResizeOutcome.NoSuchLot();
    }
    long most = lot.isLimit() ? Wallet.BROUGHT_MAX : lot.total() + Math.max(0, wallet.room());
    if (size > most) {
      return new ResizeOutcome.TooMuch(Nanos.of(most));
    }
    if (isOverruled(command, lot, changes)) {
      return new ResizeOutcome.ResizedBefore();
    }
    LotState after = lot.resize(size);
    books.put(wallet.with(after));
    long brought = after.total() - lot.total();
    changes.add(
        new Changes.Transfer(
            command.wallet(),
            command.ref(),
            RESIZE,
            size,
            lot.id(),
            null,
            brought == 0 ? List.of() : List.of(new Leg(lot.id(), lot.isLimit(), 0, brought)),
            command.reason()));
    return new ResizeOutcome.Resized(Nanos.of(after.granted()));
  }

  private boolean isOverruled(ResizeCommand command, LotState lot, Changes changes) {
    return switch (command.rule()) {
      case SET -> false;
      case RAISE -> command.size().value() <= lot.total();
      case LATEST -> {
        List<String> refs = new ArrayList<>(rows.refs(command.wallet(), command.series()));
        changes.transfers().forEach(made -> refs.add(refOf(made, command.wallet())));
        yield refs.stream()
            .anyMatch(ref -> ref.startsWith(command.series()) && ref.compareTo(command.ref()) > 0);
      }
    };
  }

  private static String refOf(Changes.Transfer made, WalletId wallet) {
    return made.wallet().equals(wallet) ? made.ref() : "";
  }

  private static String told(Changes.Transfer before) {
    LotId lot = before.lot();
    return "it was a " + before.kind() + " of " + Nanos.of(before.amount()) + ", lot " + lot;
  }

  AdjustOutcome adjust(Work.Adjust work, Changes changes) {
    Changes.Adjusted call = call(work, changes);
    if (call == null || !call.wallet().equals(work.call().wallet())) {
      return new AdjustOutcome.NotEnded();
    }
    if (work.revision() <= call.revision()) {
      return new AdjustOutcome.Stale(call.revision());
    }
    Decision.Posted posted =
        Decision.adjust(
            books.certain(call.wallet()),
            call.legs(),
            call.charge(),
            Math.min(work.charge(), call.held()));
    books.put(posted.after());
    long loss = work.charge() - posted.charge();
    note(work, call, posted, loss, changes);
    return new AdjustOutcome.Adjusted(Nanos.of(posted.charge()), Nanos.of(loss));
  }

  private void note(
      Work.Adjust work, Changes.Adjusted call, Decision.Posted posted, long loss, Changes changes) {
    changes.adjusted.put(
        call.call(),
        new Changes.Adjusted(
            call.wallet(),
            call.call(),
            call.held(),
            posted.charge(),
            loss,
            call.read(),
            work.revision(),
            sum(call.legs(), posted.legs()),
            work.facts()));
    changes.add(
        new Changes.Transfer(
            call.wallet(),
            Clerk.adjustPrefix(call.call()) + work.revision(),
            ADJUST,
            posted.charge() - call.charge(),
            null,
            call.call(),
            posted.legs(),
            "late bill of " + Nanos.of(work.charge())));
    if (loss != call.loss()) {
      changes.incidents.add(
          new Changes.Incident(
              ids.next(), call.wallet(), call.call(), "loss", loss - call.loss(), ADJUST));
    }
  }

  /// The call as it stands, this batch included; null where it has not ended.
  private Changes.@Nullable Adjusted call(Work.Adjust work, Changes changes) {
    Changes.Adjusted adjusted = changes.adjusted.get(work.call().id());
    if (adjusted != null) {
      return adjusted;
    }
    Changes.Finished row = changes.finished(work.call().id());
    if (row != null) {
      OpenHold hold = row.hold();
      return new Changes.Adjusted(
          hold.wallet(),
          hold.id(),
          row.ending().reason().equals(Ending.POSTED) ? hold.held() : 0,
          row.ending().charge().value(),
          row.loss(),
          Changes.Adjusted.NO_REVISION,
          Changes.Adjusted.NO_REVISION,
          row.legs(),
          row.facts());
    }
    // Another node may have ended what this one remembers as open.
    return books.isShared() || books.open(work.call().id()) == null ? stored(work) : null;
  }

  private Changes.@Nullable Adjusted stored(Work.Adjust work) {
    Changes.Adjusted call = rows.adjusted(work.call().wallet(), work.call().id());
    if (call == null) {
      return null;
    }
    List<Leg> legs = call.legs();
    for (List<Leg> deltas : rows.adjustments(call.wallet(), call.call())) {
      legs = sum(legs, deltas);
    }
    return new Changes.Adjusted(
        call.wallet(),
        call.call(),
        call.held(),
        call.charge(),
        call.loss(),
        call.read(),
        call.revision(),
        legs,
        call.facts());
  }

  private static List<Leg> sum(List<Leg> legs, List<Leg> deltas) {
    List<Leg> sums = new ArrayList<>(legs.size());
    for (Leg leg : legs) {
      long posted = leg.posted();
      for (Leg delta : deltas) {
        posted += delta.lot().equals(leg.lot()) ? delta.posted() : 0;
      }
      sums.add(leg.post(posted));
    }
    return sums;
  }

  private Changes.@Nullable Transfer before(WalletId wallet, String ref, Changes changes) {
    Changes.Transfer made = changes.transfer(wallet, ref);
    return made == null ? rows.transfer(wallet, ref) : made;
  }
}
