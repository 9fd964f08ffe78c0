package faregate.hub;

import faregate.identity.Limit;
import faregate.identity.MonthlyGrant;
import faregate.identity.MonthlyLot;
import faregate.identity.NamedLimit;
import faregate.identity.Payer;
import faregate.ledger.LedgerReads.Lot;
import faregate.money.Nanos;
import faregate.usage.Report;
import faregate.usage.Totals;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a payer has left, where it lies, and what it went to in a period.
///
/// @param usedNanoUsd what calls were charged in the period
/// @param includedNanoUsd what the tier granted for the month
/// @param leftNanoUsd not charged yet of the lots in force; open holds count as left
/// @param heldNanoUsd what of it open holds hold
/// @param availableNanoUsd what a new call can hold
/// @param debtNanoUsd used of purchases that were reversed since: the next purchase pays it first
record CreditsAnswer(
    String user,
    String tier,
    long usedNanoUsd,
    long includedNanoUsd,
    long leftNanoUsd,
    long heldNanoUsd,
    long availableNanoUsd,
    long debtNanoUsd,
    String periodStart,
    String periodEnd,
    Sum total,
    List<LotLine> lots,
    List<LimitLine> limits,
    List<OfferLine> offers,
    List<DayLine> days) {

  static CreditsAnswer of(
      Payer payer, Purse purse, List<LimitLine> limits, Period period, Nanos used, Report report) {
    return new CreditsAnswer(
        payer.name(),
        payer.tier().text(),
        used.value(),
        purse.included(period.month()).value(),
        purse.credit().unspent().value(),
        purse.credit().held().value(),
        purse.credit().available().value(),
        purse.credit().debt().value(),
        period.start(),
        period.end(),
        Sum.of(report.totals()),
        purse.credit().inForce().stream().map(LotLine::of).toList(),
        limits,
        report.offers().stream().map(OfferLine::of).toList(),
        report.days().stream().map(DayLine::of).toList());
  }

  /// @param expires null for never
  record LotLine(
      String kind,
      String ref,
      long grantedNanoUsd,
      long usedNanoUsd,
      long heldNanoUsd,
      long availableNanoUsd,
      String starts,
      @Nullable String expires) {

    private static LotLine of(Lot lot) {
      return new LotLine(
          lot.kind().name().toLowerCase(Locale.ROOT),
          lot.ref(),
          lot.granted().value(),
          lot.posted().value(),
          lot.pending().value(),
          lot.granted().minus(lot.posted()).minus(lot.pending()).value(),
          Iso.of(lot.startsMicros()),
          lot.expiresMicros() == Long.MAX_VALUE ? null : Iso.of(lot.expiresMicros()));
    }
  }

  /// How a spending limit stands in this month.
  ///
  /// @param subject name of the member or resource group, id of the token; null for the others
  /// @param usedNanoUsd charged in this month in the name that it is for, also before it was set
  /// @param leftNanoUsd not charged yet; open holds count as left
  record LimitLine(
      String scope,
      @Nullable String subject,
      long limitNanoUsd,
      long usedNanoUsd,
      long heldNanoUsd,
      long leftNanoUsd) {

    /// @param spent in this month; the lot knows of more where a call noted nothing
    static LimitLine of(NamedLimit named, Purse purse, Nanos spent) {
      Limit limit = named.limit();
      String ref = MonthlyLot.refOf(purse.wallet(), limit, MonthlyGrant.month(purse.nowMicros()));
      Optional<Lot> lot = purse.lot(ref);
      Nanos used = lot.map(Lot::posted).orElse(Nanos.ZERO).atLeast(spent);
      return new LimitLine(
          limit.scope().text(),
          named.subject().isEmpty() ? null : named.subject(),
          limit.amount().value(),
          used.value(),
          lot.map(Lot::pending).orElse(Nanos.ZERO).value(),
          limit.amount().minus(used).atLeast(Nanos.ZERO).value());
    }
  }

  record OfferLine(String provider, String model, Sum sum) {
    private static OfferLine of(Report.OfferUse use) {
      return new OfferLine(use.provider(), use.model(), Sum.of(use.totals()));
    }
  }

  /// @param day UTC
  record DayLine(String day, Sum sum) {
    private static DayLine of(Report.DayUse use) {
      return new DayLine(use.day().toString(), Sum.of(use.totals()));
    }
  }

  record Sum(
      long requests,
      long voided,
      long estimated,
      long costNanoUsd,
      long inputTokens,
      long cachedInputTokens,
      long outputTokens,
      long cacheWriteTokens,
      long reasoningTokens) {

    private static Sum of(Totals totals) {
      return new Sum(
          totals.requests(),
          totals.voided(),
          totals.estimated(),
          totals.charge().value(),
          totals.inputTokens(),
          totals.cachedInputTokens(),
          totals.outputTokens(),
          totals.cacheWriteTokens(),
          totals.reasoningTokens());
    }
  }
}
