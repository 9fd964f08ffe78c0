package faregate.operator;

import faregate.identity.Identities;
import faregate.identity.MonthlyGrant;
import faregate.identity.Organizations;
import faregate.identity.Payer;
import faregate.identity.User;
import faregate.kit.RandomSource;
import faregate.ledger.Credit;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LedgerReads;
import faregate.ledger.LotKind;
import faregate.ledger.ResizeCommand;
import faregate.ledger.ResizeOutcome;
import faregate.money.Nanos;
import faregate.usage.Report;
import faregate.usage.Totals;
import faregate.usage.Usage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Giving credit, and saying what became of it.
final class MoneyOperations {
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private final Identities identities;
  private final Ledger ledger;
  private final LedgerReads reads;
  private final Usage usage;
  private final Purse purse;
  private final RandomSource random;

  MoneyOperations(
      Identities identities,
      Ledger ledger,
      LedgerReads reads,
      Usage usage,
      Purse purse,
      RandomSource random) {
    this.identities = identities;
    this.ledger = ledger;
    this.reads = reads;
    this.usage = usage;
    this.purse = purse;
    this.random = random;
  }

  /// @param repeated whether the reference had been used for this very grant before
  /// @param leftUsd not spent; what is held is part of it
  record Granted(String user, String usd, String ref, boolean repeated, String leftUsd) {}

  /// @param repeated whether it had been done before: nothing changed
  /// @param debtUsd used of reversed purchases: the next purchase pays it first
  /// @param leftUsd not spent; what is held is part of it
  record Purchased(
      String user, String usd, String ref, boolean repeated, String debtUsd, String leftUsd) {}

  record Line(
      String provider,
      String model,
      long requests,
      String costUsd,
      long costNanoUsd,
      long inputTokens,
      long outputTokens) {}

  /// @param from start of the month (UTC)
  /// @param heldUsd set aside for calls that run now
  /// @param leftUsd not spent; what is held is part of it
  record Spent(
      String user,
      String tier,
      String from,
      String resets,
      long requests,
      String costUsd,
      long costNanoUsd,
      String heldUsd,
      long heldNanoUsd,
      String leftUsd,
      long leftNanoUsd,
      List<Line> offers) {}

  record Audited(
      boolean clean,
      @Nullable String wrong,
      long wallets,
      long lots,
      long holds,
      long finished,
      long closed,
      String grantedUsd,
      String pendingUsd,
      String postedUsd,
      String lossUsd,
      String exposureUsd) {}

  void addTo(Operations operations) {
    operations
        .add("grant", this::grant)
        .add("purchase", this::purchase)
        .add("purchase-reverse", this::reversePurchase)
        .add("usage", this::usage)
        .add("audit", _ -> audit());
  }

  private Object grant(Arguments arguments) {
    Payer user = payer(arguments);
    Nanos amount = amount(arguments.text("usd"));
    String ref =
        Objects.requireNonNullElseGet(
            arguments.textOrNull("ref"), () -> "once-" + random.text(16, ALPHABET));
    GrantOutcome outcome =
        purse.give(
            new GrantCommand(
                user.wallet(),
                LotKind.PURCHASED,
                amount,
                0,
                Long.MAX_VALUE,
                "operator:" + ref,
                "given by the operator"));
    return new Granted(
        user.name(),
        Usd.of(amount),
        ref,
        outcome instanceof GrantOutcome.GrantedBefore,
        Usd.of(purse.of(user).unspent()));
  }

  /// Credit that was paid for. Its reference is the payment's, so that a payment that is told twice
  /// counts once.
  private Object purchase(Arguments arguments) {
    Payer payer = payer(arguments);
    Nanos amount = amount(arguments.text("usd"));
    String ref = arguments.text("ref");
    GrantOutcome outcome = book(payer, amount, ref);
    Credit credit = purse.of(payer);
    return new Purchased(
        payer.name(),
        Usd.of(amount),
        ref,
        outcome instanceof GrantOutcome.GrantedBefore,
        Usd.of(credit.debt()),
        Usd.of(credit.unspent()));
  }

  /// A payment belongs to one account: told for another one, it would be credited twice. So the
  /// account keeps it unless the ledger has surely not booked it.
  private GrantOutcome book(Payer payer, Nanos amount, String ref) {
    Organizations organizations = identities.organizations();
    boolean isNew = UserOperations.done(organizations.claimPayment(ref, payer));
    GrantCommand command =
        new GrantCommand(
            payer.wallet(),
            LotKind.PURCHASED,
            amount,
            0,
            Long.MAX_VALUE,
            GrantCommand.PURCHASE + ref,
            "purchase");
    GrantOutcome outcome = purse.ask(command);
    if (isNew && outcome instanceof GrantOutcome.TooMuch) {
      organizations.unclaimPayment(ref, payer);
    }
    if (outcome instanceof GrantOutcome.Unavailable(String reason)) {
      throw Refusal.notPossible(
          "The ledger cannot write: %s. Whether '%s' was booked is not sure: repeat it, for the same account."
              .formatted(reason, ref));
    }
    return Purse.accepted(command, outcome);
  }

  /// The payment was taken back: what is left of the credit goes, and what was used of it is owed.
  private Object reversePurchase(Arguments arguments) {
    Payer payer = payer(arguments);
    String ref = arguments.text("ref");
    LedgerReads.Lot lot =
        purse
            .purchase(payer, GrantCommand.PURCHASE + ref)
            .orElseThrow(
                () ->
                    Refusal.notPossible(
                        "%s has no purchase with the reference '%s': it is the --ref that the purchase was made with."
                            .formatted(payer.name(), ref)));
    ResizeOutcome outcome =
        purse.close(
            new ResizeCommand(
                payer.wallet(), lot.id(), Nanos.ZERO, "reversal:" + ref, "purchase reversed"));
    Credit credit = purse.of(payer);
    return new Purchased(
        payer.name(),
        Usd.of(lot.granted()),
        ref,
        outcome instanceof ResizeOutcome.ResizedBefore,
        Usd.of(credit.debt()),
        Usd.of(credit.unspent()));
  }

  private Payer payer(Arguments arguments) {
    return UserOperations.done(identities.organizations().payer(arguments.text("user")));
  }

  private static Nanos amount(String usd) {
    Nanos amount;
    try {
      amount = Nanos.ofUsd(usd);
    } catch (IllegalArgumentException e) {
      throw Refusal.badInput(Objects.requireNonNull(e.getMessage()) + ".");
    }
    if (amount.value() <= 0) {
      throw Refusal.badInput("An amount is above 0, not " + usd + " USD.");
    }
    return amount;
  }

  private Object usage(Arguments arguments) {
    String name = arguments.textOrNull("user");
    List<String> names =
        name == null
            ? Stream.concat(
                    identities.users().stream().map(User::name),
                    identities.organizations().all().stream().map(Payer::name))
                .toList()
            : List.of(name);
    return names.stream()
        .map(each -> spent(UserOperations.done(identities.organizations().payer(each))))
        .toList();
  }

  private Spent spent(Payer user) {
    long now = ledger.nowMicros();
    long from = MonthlyGrant.startOf(MonthlyGrant.month(now));
    long to = MonthlyGrant.startOf(MonthlyGrant.month(now).plusMonths(1));
    Credit credit = purse.of(user);
    Report report = usage.report(user.wallet(), from, to);
    return new Spent(
        user.name(),
        user.tier().text(),
        date(from),
        date(to),
        report.totals().requests(),
        Usd.of(report.totals().charge()),
        report.totals().charge().value(),
        Usd.of(credit.held()),
        credit.held().value(),
        Usd.of(credit.unspent()),
        credit.unspent().value(),
        report.offers().stream().map(MoneyOperations::line).toList());
  }

  private static Line line(Report.OfferUse use) {
    Totals totals = use.totals();
    return new Line(
        use.provider(),
        use.model(),
        totals.requests(),
        Usd.of(totals.charge()),
        totals.charge().value(),
        totals.inputTokens(),
        totals.outputTokens());
  }

  private Object audit() {
    LedgerReads.AuditReport report = reads.audit();
    return new Audited(
        report.isClean(),
        report.wrong(),
        report.wallets(),
        report.lots(),
        report.holds(),
        report.finished(),
        report.closed(),
        Usd.of(report.granted()),
        Usd.of(report.pending()),
        Usd.of(report.posted()),
        Usd.of(report.loss()),
        Usd.of(report.exposure()));
  }

  private static String date(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString().substring(0, 10);
  }
}
