package faregate.hub;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import faregate.gateway.MonthSpending;
import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.hub.CreditsAnswer.LimitLine;
import faregate.identity.Limit;
import faregate.identity.MonthlyGrant;
import faregate.identity.NamedLimit;
import faregate.identity.Payer;
import faregate.ledger.Credit;
import faregate.ledger.LedgerReads.Lot;
import faregate.ledger.LotKind;
import faregate.money.Nanos;
import faregate.usage.Report;
import faregate.usage.SessionUse;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/// What was spent and what is left, for the payer.
final class Billing {
  private final HubRooms rooms;

  Billing(HubRooms rooms) {
    this.rooms = rooms;
  }

  private record UsageAnswer(Usage usage) {
    private record Usage(InferenceProviders inferenceProviders, Jobs jobs) {}

    private record InferenceProviders(
        long usedNanoUsd,
        long includedNanoUsd,
        long limitNanoUsd,
        long numRequests,
        String periodStart,
        String periodEnd) {}

    private record Jobs(long usedMicroUsd, long totalMinutes) {
      private static final Jobs NONE = new Jobs(0, 0);
    }
  }

  /// `usage-v2`, in the field's shape. The limit is where calls stop; equal to what is included, it
  /// says that nothing else was bought or granted.
  Answer usage(Visit visit, Payer payer) {
    Purse purse = purse(payer);
    Period period = Period.of(visit, purse.nowMicros());
    Report report = report(payer, period);
    Nanos used = period.isThisMonth() ? usedThisMonth(purse) : report.totals().charge();
    Nanos included = purse.included(period.month());
    var inference =
        new UsageAnswer.InferenceProviders(
            used.value(),
            included.value(),
            limit(purse, period, included).value(),
            report.totals().requests(),
            period.start(),
            period.end());
    return HubJson.answer(new UsageAnswer(new UsageAnswer.Usage(inference, UsageAnswer.Jobs.NONE)));
  }

  private record ProductsAnswer(String periodStart, String periodEnd, Products usage) {
    private record Products(InferenceUse inferenceProviders, UsageAnswer.Jobs jobs) {}
  }

  /// `usage`: this month by product, of which there is one, and in it by provider, the dearest
  /// first.
  Answer byProduct(Visit visit, Payer payer) {
    Purse purse = purse(payer);
    Period period = Period.of(visit, purse.nowMicros());
    return HubJson.answer(
        new ProductsAnswer(
            period.start(),
            period.end(),
            new ProductsAnswer.Products(
                inferenceUse(payer, purse, period), UsageAnswer.Jobs.NONE)));
  }

  private record LiveAnswer(Inference inference, UsageAnswer.Jobs jobs) {
    private record Inference(@JsonUnwrapped InferenceUse use, String lastUpdated) {}
  }

  /// What this month has come to by now.
  InferenceUse thisMonth(Payer payer) {
    Purse purse = purse(payer);
    return inferenceUse(payer, purse, Period.thisMonth(purse.nowMicros()));
  }

  /// An event of `usage/live`, in the field's shape, as one line of JSON.
  byte[] event(InferenceUse use) {
    String now = Iso.of(rooms.nowMicros().getAsLong());
    return HubJson.bytes(new LiveAnswer(new LiveAnswer.Inference(use, now), UsageAnswer.Jobs.NONE));
  }

  private InferenceUse inferenceUse(Payer payer, Purse purse, Period period) {
    Report report = report(payer, period);
    Nanos used = period.isThisMonth() ? usedThisMonth(purse) : report.totals().charge();
    Nanos included = purse.included(period.month());
    return new InferenceUse(
        used.value(),
        included.value(),
        limit(purse, period, included).value(),
        report.totals().requests(),
        period.start(),
        period.end(),
        InferenceUse.providers(report));
  }

  private record SessionsAnswer(String currency, List<Month> periods) {
    private record Month(String period, List<Session> sessions) {}

    private record Session(String id, long requestCount, BigDecimal costCents) {}
  }

  /// `usage-by-inference-session`, in the field's shape. Calls that named no session stand under
  /// the empty id, so that the sum is the whole.
  Answer sessions(Visit visit, Payer payer) {
    Period period = Period.of(visit, rooms.nowMicros().getAsLong());
    Map<YearMonth, List<SessionsAnswer.Session>> months = new TreeMap<>();
    for (SessionUse use :
        rooms.usage().sessions(payer.wallet(), period.fromMicros(), period.toMicros())) {
      months
          .computeIfAbsent(use.month(), _ -> new ArrayList<>())
          .add(new SessionsAnswer.Session(use.session(), use.requests(), Cents.of(use.charge())));
    }
    List<SessionsAnswer.Month> periods = new ArrayList<>();
    months.forEach(
        (month, sessions) ->
            periods.add(new SessionsAnswer.Month(Iso.of(MonthlyGrant.startOf(month)), sessions)));
    return HubJson.answer(new SessionsAnswer("USD", periods));
  }

  /// Our own: what is left and where it lies, and what it went to.
  Answer credits(Visit visit, Payer payer) {
    Purse purse = purse(payer);
    Period period = Period.of(visit, purse.nowMicros());
    Report report = report(payer, period);
    Nanos used = period.isThisMonth() ? usedThisMonth(purse) : report.totals().charge();
    return HubJson.answer(CreditsAnswer.of(payer, purse, limits(purse), period, used, report));
  }

  /// How they stand, with what the month has cost in the name that each is for, also before it was
  /// set. The month is read once: an organization may have a limit for each of its members.
  private List<LimitLine> limits(Purse purse) {
    List<NamedLimit> limits = rooms.identities().organizations().limits(purse.wallet());
    if (limits.isEmpty()) {
      return List.of();
    }
    long monthStart = MonthlyGrant.startOf(MonthlyGrant.month(purse.nowMicros()));
    MonthSpending.Sums spent =
        new MonthSpending(rooms.ledger(), rooms.usage()).of(purse.wallet(), monthStart);
    return limits.stream()
        .map(
            limit ->
                LimitLine.of(
                    limit,
                    purse,
                    limit.limit().scope() == Limit.Scope.PAYG
                        ? Nanos.ZERO
                        : spent.of(limit.limit())))
        .toList();
  }

  private Purse purse(Payer payer) {
    try {
      rooms.credit().giveNow(payer);
    } catch (CompletionException _) {
      throw Problem.of(500, "ledger_unavailable", "The ledger cannot be reached; try again")
          .withRetryAfter(1)
          .withField("code", "ledger_unavailable")
          .asException();
    }
    List<Lot> lots = rooms.ledger().lots(payer.wallet());
    return new Purse(
        payer.wallet(),
        new Credit(lots, rooms.nowMicros().getAsLong()),
        lots.stream().filter(lot -> lot.kind() == LotKind.LIMIT).toList());
  }

  private Report report(Payer payer, Period period) {
    return rooms.usage().report(payer.wallet(), period.fromMicros(), period.toMicros());
  }

  /// What the lots say, so that it adds up with what is left, to the nano, whatever is settled
  /// meanwhile: all that lots of this month were charged, and of older lots what was not charged in
  /// the months before.
  private Nanos usedThisMonth(Purse purse) {
    long monthStart = MonthlyGrant.startOf(MonthlyGrant.month(purse.nowMicros()));
    Nanos before = rooms.usage().chargedBefore(purse.wallet(), monthStart);
    Nanos older = purse.credit().postedOnLotsBefore(monthStart);
    return purse.credit().posted().minus(older).plus(older.minus(before).atLeast(Nanos.ZERO));
  }

  private Nanos limit(Purse purse, Period period, Nanos included) {
    boolean isOver = !period.month().equals(MonthlyGrant.month(purse.nowMicros()));
    return isOver ? included : usedThisMonth(purse).plus(purse.credit().unspent());
  }
}
