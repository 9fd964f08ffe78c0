package faregate.cli;

import faregate.catalog.Offer;
import faregate.identity.Identities;
import faregate.identity.NewToken;
import faregate.identity.Outcome;
import faregate.identity.Tier;
import faregate.identity.TokenRequest;
import faregate.identity.User;
import faregate.operator.Usd;
import java.io.PrintWriter;
import java.util.List;

/// What a person sees when the server is up: where it is, and on the very first start a token with
/// a line to paste.
final class Welcome {
  private static final String FIRST_USER = "me";
  private static final String SANDBOX = "sandbox";

  private final Serving serving;
  private final PrintWriter out;

  Welcome(Serving serving, PrintWriter out) {
    this.serving = serving;
    this.out = out;
  }

  void print() {
    App app = serving.app();
    out.println("Faregate serves on " + serving.url() + " (data in " + app.folder().path() + ")");
    List<User> users = app.books().identities().users();
    if (users.isEmpty()) {
      firstStart(app);
    } else {
      laterStart(app, users.getFirst());
    }
    out.println("ready " + serving.url());
    out.flush();
  }

  private void firstStart(App app) {
    Identities identities = app.books().identities();
    User user = done(identities.createUser(FIRST_USER, Tier.FREE));
    NewToken token = done(identities.createToken(TokenRequest.of(FIRST_USER)));
    out.println();
    out.println("Your first token, shown only now: " + token.secret().reveal());
    out.println(
        "It is of the user '%s', %s tier: $%s left this month."
            .formatted(FIRST_USER, user.tier().text(), Usd.of(app.purse().of(user).unspent())));
    out.println();
    out.println("Try it:");
    out.println();
    out.println(curl(token.secret().reveal()));
    out.println();
  }

  private void laterStart(App app, User user) {
    out.println(
        "Make a token: ./faregate token create --user %s --data '%s'"
            .formatted(user.name(), app.folder().path()));
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
        .filter(offer -> offer.provider().equals(SANDBOX))
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
