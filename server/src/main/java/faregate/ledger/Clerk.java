package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.IdSource;
import faregate.ledger.Decision.Verdict;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Carries out commands on the books, one after the other, and keeps their outcomes until the batch
/// is durable.
///
/// Everything here can be taken back by [#undo], for nobody has been told yet. Only the write
/// thread comes here.
final class Clerk {
  private static final int RETRY_AFTER_SECONDS = 2;
  private static final byte[] NO_FACTS = new byte[0];

  private final Books books;
  private final Line line;
  private final IdSource ids;
  private final Transfers transfers;
  private final Repeats repeats;
  private final int lineMax;
  private final List<Told<?>> outcomes = new ArrayList<>();

  /// Wallets whose lots somebody else holds locked.
  private final Set<WalletId> contested;

  private Changes changes = new Changes();
  private long nowMicros;
  private String holdsStopped = "";

  /// @param contested wallets whose lines are not to be served; others change it
  Clerk(
      Books books,
      LoadSql rows,
      RepeatSql keys,
      IdSource ids,
      LedgerSettings settings,
      Set<WalletId> contested) {
    this.books = books;
    this.contested = contested;
    this.ids = ids;
    this.line = new Line();
    this.transfers = new Transfers(books, rows, ids);
    this.repeats = new Repeats(keys);
    this.lineMax = settings.lineMax();
  }

  /// Begins a batch.
  ///
  /// @param stopped why no holds are taken, empty when they are
  void begin(long now, String stopped) {
    nowMicros = now;
    holdsStopped = stopped;
    changes = books.begin();
    outcomes.clear();
  }

  Changes changes() {
    return changes;
  }

  Line line() {
    return line;
  }

  /// Takes back everything since [#begin]. Nobody was told.
  void undo() {
    line.undo(changes);
    books.undo();
    outcomes.clear();
  }

  /// How many outcomes there are to hand out.
  int answered() {
    return outcomes.size();
  }

  /// Hands out what became of the commands, after the commit.
  void tell() {
    Outbox.give(outcomes);
    outcomes.clear();
  }

  /// Answers all holds of this batch `Unavailable`, though they may turn out to be written: their
  /// callers have waited long enough.
  ///
  /// @return what is to be released if they were
  List<CallRef> giveUpHolds(String reason) {
    List<CallRef> taken = new ArrayList<>();
    outcomes.removeIf(
        told -> {
          Work.Hold hold = told.hold();
          if (hold == null) {
            return false;
          }
          hold.refuse(reason);
          if (told.outcome() instanceof HoldOutcome.Held) {
            taken.add(new CallRef(hold.command().id(), hold.command().wallet()));
          }
          return true;
        });
    return taken;
  }

  void carryOut(Work work) {
    switch (work) {
      case Work.Hold hold -> hold(hold);
      case Work.Mark mark -> mark(mark);
      case Work.Settle settle -> settle(settle);
      case Work.Release release -> release(release);
      case Work.Expire expire -> expire(expire);
      case Work.Grant grant -> {
        later(grant.reply(), transfers.grant(grant, changes));
        serveLine(grant.command().wallet());
      }
      case Work.Resize resize -> {
        later(resize.reply(), transfers.resize(resize.command(), changes));
        serveLine(resize.command().wallet());
      }
      case Work.Adjust adjust -> {
        later(adjust.reply(), transfers.adjust(adjust, changes));
        serveLine(adjust.call().wallet());
      }
    }
  }

  private <T> void later(Reply<T> reply, T outcome) {
    outcomes.add(new Told<>(reply, outcome, null));
  }

  private void tell(Work.Hold work, HoldOutcome outcome) {
    outcomes.add(new Told<>(work.reply(), outcome, work));
  }

  private void hold(Work.Hold work) {
    HoldOutcome repeated = repeated(work.command());
    if (repeated != null) {
      tell(work, repeated);
    } else if (!holdsStopped.isEmpty()) {
      tell(work, new HoldOutcome.Unavailable(holdsStopped));
    } else {
      Verdict verdict = decide(work);
      if (verdict instanceof Verdict.Take take
          && take.held() > 0
          && line.waits(work.command().wallet())) {
        // Others were first, and what they wait for is more than what is there.
        stand(work, new Verdict.Wait(take.left() + take.held(), 0));
      } else if (verdict instanceof Verdict.Wait wait) {
        stand(work, wait);
      } else {
        answer(work, verdict);
      }
    }
  }

  /// Remembered lots serve the plain case; everything else is decided on lots read for this batch,
  /// for nobody may be refused, or spend out of order, because of what another node did meanwhile.
  private Verdict decide(Work.Hold work) {
    WalletId id = work.command().wallet();
    Wallet wallet = books.wallet(id);
    Verdict verdict = Decision.hold(wallet, work.command(), nowMicros);
    return books.isCertain(id) || Decision.isPlain(verdict, wallet, work.command(), nowMicros)
        ? verdict
        : Decision.hold(books.certain(id), work.command(), nowMicros);
  }

  private void stand(Work.Hold work, Verdict.Wait wait) {
    if (work.command().lineMillisMax() <= 0) {
      answer(work, wait);
    } else if (line.size() >= lineMax) {
      tell(work, new HoldOutcome.Overloaded(RETRY_AFTER_SECONDS));
    } else {
      line.join(work, changes);
    }
  }

  private void answer(Work.Hold work, Verdict verdict) {
    HoldCommand command = work.command();
    tell(
        work,
        switch (verdict) {
          case Verdict.Take take -> {
            open(command, take);
            yield new HoldOutcome.Held(Nanos.of(take.held()), Nanos.of(take.left()));
          }
          case Verdict.Refuse refuse ->
              new HoldOutcome.Refused(Nanos.of(refuse.unspent()), command.least(), refuse.limit());
          case Verdict.Wait wait ->
              new HoldOutcome.StillHeld(
                  Nanos.of(wait.unspent()), Nanos.of(wait.held()), RETRY_AFTER_SECONDS);
          case Verdict.NoSuchLimit no ->
              new HoldOutcome.Unavailable(
                  "lot " + no.limit() + " is no spending limit of wallet " + command.wallet());
        });
  }

  private void open(HoldCommand command, Verdict.Take take) {
    repeats.held(command, changes, nowMicros);
    if (take.held() > 0) {
      books.put(take.after());
    }
    books.hold(
        new OpenHold(
            command.id(),
            command.wallet(),
            take.held(),
            take.legs(),
            command.deadlineMicros(),
            Print.of(command),
            command.ref(),
            null));
  }

  private @Nullable HoldOutcome repeated(HoldCommand command) {
    OpenHold open = books.stillOpen(command.wallet(), command.id());
    if (open != null) {
      return open.print() == Print.of(command)
          ? new HoldOutcome.Repeated(Nanos.of(open.held()), null)
          : different(command, open.wallet(), open.ref());
    }
    Ended ended = books.ended(command.wallet(), command.id());
    if (ended == null) {
      return repeats.answer(command, changes, nowMicros);
    }
    return ended.print() == Print.of(command)
        ? new HoldOutcome.Repeated(Nanos.of(ended.held()), ended.ending())
        : different(command, ended.wallet(), ended.ref());
  }

  private static HoldOutcome different(HoldCommand command, WalletId wallet, String ref) {
    String what =
        !command.wallet().equals(wallet)
            ? "wallet " + wallet + ", not " + command.wallet()
            : !command.ref().equals(ref)
                ? "the reference '" + ref + "', not '" + command.ref() + "'"
                : "other amounts or limits";
    return new HoldOutcome.Different(
        "call " + command.id() + " was held before with " + what + "; use a new id");
  }

  private void mark(Work.Mark work) {
    OpenHold hold = open(work.call());
    if (hold == null) {
      return;
    }
    OpenHold.Mark before = hold.mark();
    if (before == null || work.mark().charge() >= before.charge()) {
      books.mark(hold, work.mark());
    }
  }

  private @Nullable OpenHold open(CallRef call) {
    OpenHold hold = books.open(call.wallet(), call.id());
    return hold != null && hold.wallet().equals(call.wallet()) ? hold : null;
  }

  private void settle(Work.Settle work) {
    SettleCommand command = work.command();
    OpenHold hold = open(command.call());
    if (hold == null) {
      later(work.reply(), endedBefore(command.call()));
      return;
    }
    long charge = Math.min(command.charge().value(), hold.held());
    long clipped = command.charge().value() - charge;
    Ending ending = new Ending(Nanos.of(charge), command.estimated(), Ending.POSTED);
    long loss = Math.addExact(command.excess().value(), clipped);
    end(hold, ending, loss, command.exposure().value(), "settle", command.facts());
    later(work.reply(), new EndOutcome.Ended(ending));
    serveLine(hold.wallet());
  }

  private void release(Work.Release work) {
    for (Work.Hold waiting : line.leave(work.call().wallet(), work.call().id(), changes)) {
      answer(waiting, new Verdict.Wait(0, 0));
      serveLine(work.call().wallet());
    }
    OpenHold hold = open(work.call());
    if (hold == null) {
      later(work.reply(), endedBefore(work.call()));
      return;
    }
    Ending ending = new Ending(Nanos.ZERO, false, work.reason());
    end(hold, ending, 0, work.exposure(), work.reason(), work.facts());
    later(work.reply(), new EndOutcome.Ended(ending));
    serveLine(hold.wallet());
  }

  private EndOutcome endedBefore(CallRef call) {
    Ended ended = books.ended(call.wallet(), call.id());
    return ended != null && ended.wallet().equals(call.wallet())
        ? new EndOutcome.EndedBefore(ended.ending())
        : new EndOutcome.Unknown();
  }

  /// What a dead or forgetful owner left: the last mark is posted, the rest is exposure.
  private void expire(Work.Expire work) {
    OpenHold hold = books.open(work.id());
    if (hold == null) {
      return;
    }
    OpenHold.Mark mark = hold.mark();
    long charge = mark == null ? 0 : Math.min(mark.charge(), hold.held());
    Ending ending =
        mark == null
            ? new Ending(Nanos.ZERO, false, work.reason())
            : new Ending(Nanos.of(charge), true, Ending.POSTED);
    byte[] facts = mark == null ? NO_FACTS : mark.facts();
    end(hold, ending, 0, hold.held() - charge, work.reason(), facts);
    serveLine(hold.wallet());
  }

  private void end(
      OpenHold hold, Ending ending, long loss, long exposure, String reason, byte[] facts) {
    List<Leg> legs = hold.legs();
    if (!legs.isEmpty()) {
      Decision.Posted posted =
          Decision.end(books.wallet(hold.wallet(), legs), legs, ending.charge().value());
      books.put(posted.after());
      legs = posted.legs();
    }
    books.end(new Changes.Finished(hold, ending, legs, loss, facts, nowMicros));
    incident(hold, "loss", loss, reason);
    incident(hold, "exposure", exposure, reason);
  }

  private void incident(OpenHold hold, String kind, long amount, String reason) {
    if (amount != 0) {
      changes.incidents.add(
          new Changes.Incident(ids.next(), hold.wallet(), hold.id(), kind, amount, reason));
    }
  }

  /// Tries the line of a wallet from its head, after credit may have come free.
  private void serveLine(WalletId wallet) {
    if (line.isEmpty() || !holdsStopped.isEmpty() || contested.contains(wallet)) {
      return;
    }
    for (Work.Hold first = line.first(wallet); first != null; first = line.first(wallet)) {
      HoldOutcome repeated = repeated(first.command());
      Verdict verdict = decideInLine(first);
      if (repeated == null && verdict instanceof Verdict.Wait) {
        return;
      }
      line.leaveFirst(wallet, changes);
      if (repeated == null) {
        answer(first, verdict);
      } else {
        tell(first, repeated);
      }
    }
  }

  /// Whoever waits already is not worth a look at the rows each time a call ends here: the line is
  /// tried on fresh lots often enough.
  private Verdict decideInLine(Work.Hold first) {
    Wallet wallet = books.wallet(first.command().wallet());
    Verdict verdict = Decision.hold(wallet, first.command(), nowMicros);
    return verdict instanceof Verdict.Wait ? verdict : decide(first);
  }

  /// Tries every line: time may have brought a lot into force.
  ///
  /// @param wanted whose
  void serveLines(Predicate<WalletId> wanted) {
    line.wallets().stream().filter(wanted).forEach(this::serveLine);
  }

  /// Answers those who have waited long enough.
  void answerOverdue(long nowNanos, Predicate<WalletId> wanted) {
    List<Work.Hold> overdue = line.leaveOverdue(nowNanos, changes, wanted);
    for (Work.Hold hold : overdue) {
      HoldOutcome repeated = repeated(hold.command());
      if (repeated == null) {
        answer(hold, decide(hold));
      } else {
        tell(hold, repeated);
      }
    }
    // Whoever stood behind one that gave up may find that there is enough for them.
    overdue.forEach(hold -> serveLine(hold.command().wallet()));
  }

  static String adjustPrefix(CallId call) {
    return "adjust:" + call + ":";
  }
}
