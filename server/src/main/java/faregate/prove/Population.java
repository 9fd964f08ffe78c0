package faregate.prove;

import faregate.identity.Identities;
import faregate.identity.Outcome;
import faregate.identity.Tier;
import faregate.identity.TokenRequest;
import faregate.identity.User;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.LedgerSettings;
import faregate.ledger.LedgerWatch;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.SqlLedger;
import faregate.money.Nanos;
import faregate.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Who calls: users with wallets of all sizes, made through the product's own rooms.
final class Population {
  /// What the free tier brings each month, so that a new month is felt.
  static final String MONTHLY_USD = "0.003";

  private static final long MONTHLY = Nanos.ofUsd(MONTHLY_USD).value();
  private static final int HOT = 2;
  private static final int MIDDLE = 4;
  private static final int SMALL = 14;
  private static final int TOKENS_OF_HOT = 3;

  private final List<Payer> payers = new ArrayList<>();
  private final List<User> users = new ArrayList<>();
  private final List<Long> bought = new ArrayList<>();

  private Population() {}

  /// @param minutes how long they will call: the hot wallets must last
  static Population make(Site site, Clock clock, RandomSource random, Dice dice, int minutes) {
    Population population = new Population();
    Database database = site.open(clock, random);
    try (database;
        SqlLedger ledger =
            SqlLedger.open(database, clock, random, LedgerSettings.DEFAULT, LedgerWatch.NONE);
        Identities identities = new Identities(database, random, clock)) {
      for (int i = 0; i < HOT; i++) {
        population.add(identities, ledger, Payer.Size.HOT, 10L * minutes * 1_000_000_000L);
      }
      for (int i = 0; i < MIDDLE; i++) {
        population.add(identities, ledger, Payer.Size.MIDDLE, 2L * minutes * 1_000_000_000L);
      }
      for (int i = 0; i < SMALL; i++) {
        long millis = dice.between(3, 8);
        population.add(identities, ledger, Payer.Size.SMALL, millis * 1_000_000L);
      }
    }
    return population;
  }

  private void add(Identities identities, SqlLedger ledger, Payer.Size size, long amount) {
    int index = payers.size();
    User user = done(identities.createUser("payer-" + index, Tier.FREE));
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < (size == Payer.Size.HOT ? TOKENS_OF_HOT : 1); i++) {
      tokens.add(done(identities.createToken(TokenRequest.of(user.name()))).secret().reveal());
    }
    CompletableFuture<GrantOutcome> given = new CompletableFuture<>();
    ledger.grant(
        new GrantCommand(
            user.wallet(),
            LotKind.PURCHASED,
            Nanos.of(amount),
            0,
            Long.MAX_VALUE,
            "proof",
            "to be spent by the proof"),
        Reply.future(given));
    if (!(given.join() instanceof GrantOutcome.Granted)) {
      throw new ProofException("no credit could be given: " + given.join());
    }
    users.add(user);
    bought.add(amount);
    payers.add(new Payer(index, size, List.copyOf(tokens)));
  }

  private static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(String message) -> throw new ProofException(message);
      case Outcome.Malformed<T>(String message) -> throw new ProofException(message);
    };
  }

  List<Payer> payers() {
    return payers;
  }

  List<Payer> of(Payer.Size size) {
    return payers.stream().filter(payer -> payer.size() == size).toList();
  }

  long wallet(int index) {
    return users.get(index).wallet().value();
  }

  /// @param months how many the run touched
  List<Books.WalletBook> books(int months) {
    List<Books.WalletBook> books = new ArrayList<>();
    for (int index = 0; index < users.size(); index++) {
      User user = users.get(index);
      books.add(
          new Books.WalletBook(
              user.name(), user.wallet().value(), bought.get(index), MONTHLY, months));
    }
    return books;
  }
}
