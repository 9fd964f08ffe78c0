package faregate.cli;

import faregate.catalog.Offer;
import faregate.identity.Identities;
import faregate.identity.Outcome;
import faregate.identity.Tier;
import faregate.identity.TokenRequest;
import faregate.identity.User;
import faregate.ledger.Credit;
import faregate.operator.Usd;
import faregate.operator.Wire;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a person sees when the server is up: where it is, and on the very first start a token with
/// a line to paste; or the same as one JSON object, followed by the line `ready …` all the same.
final class Welcome {
  private static final String FIRST_USER = "me";

  private final Serving serving;
  private final PrintWriter out;

  Welcome(Serving serving, PrintWriter out) {
    this.serving = serving;
    this.out = out;
  }

  /// What there is to tell.
  ///
  /// @param token of the very first start; null later
  /// @param leftUsd not spent; what is held is part of it
  private record Told(
      String url,
      String data,
      String user,
      String tier,
      String leftUsd,
      long leftNanoUsd,
      String heldUsd,
      long heldNanoUsd,
      @Nullable String token) {}

  void print(boolean json) {
    Told told = told(serving.app());
    if (json) {
      out.println(Wire.tree(told));
    } else {
      show(told);
    }
    out.println("ready " + told.url());
    out.flush();
  }

  private Told told(App app) {
    Identities identities = app.books().identities();
    List<User> users = identities.users();
    String token = null;
    if (users.isEmpty()) {
      Outcome<User> first = identities.createUser(FIRST_USER, Tier.FREE);
      if (first instanceof Outcome.Done<User>) {
        token = done(identities.createToken(TokenRequest.of(FIRST_USER))).secret().reveal();
      }
      // Of nodes that start together on a new database, one makes the user.
      users = identities.users();
    }
    User user = users.getFirst();
    Credit credit = app.purse().of(done(identities.organizations().payer(user.name())));
    return new Told(
        serving.url(),
        app.folder().path().toString(),
        user.name(),
        user.tier().text(),
        Usd.of(credit.unspent()),
        credit.unspent().value(),
        Usd.of(credit.held()),
        credit.held().value(),
        token);
  }

  private void show(Told told) {
    out.println("Faregate serves on " + told.url() + " (data in " + told.data() + ")");
    String token = told.token();
    if (token == null) {
      out.println(
          "Make a token: ./faregate token create --user %s --data '%s'"
              .formatted(told.user(), told.data()));
      return;
    }
    out.println();
    out.println("Your first token, shown only now: " + token);
    out.println(
        "It is of the user '%s', %s tier: $%s left this month."
            .formatted(told.user(), told.tier(), told.leftUsd()));
    out.println();
    out.println("Try it:");
    out.println();
    out.println(curl(token));
    out.println();
  }

  private String curl(String token) {
    return "curl -N "
        + serving.url()
        + "/v1/chat/completions -H 'Authorization: Bearer "
        + token
        + "' -H 'Content-Type: application/json' -d '{\"model\":\""
        + model()
        + "\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
        + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}'";
  }

  /// The sandbox's default model is the first that it lists.
  private String model() {
    return serving.app().catalog().current().models().values().stream()
        .flatMap(List::stream)
        .filter(offer -> offer.provider().equals(App.SANDBOX))
        .map(Offer::model)
        .findFirst()
        .orElse("faregate/sandbox");
  }

  private static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(String message) -> throw new IllegalStateException(message);
      case Outcome.Malformed<T>(String message) -> throw new IllegalStateException(message);
    };
  }
}
