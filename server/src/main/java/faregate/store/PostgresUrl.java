package faregate.store;

import faregate.kit.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a PostgreSQL is, taken apart: what may be shown, and what may not.
///
/// Read from either form: `jdbc:postgresql://host:5432/name?user=…&password=…` or
/// `postgresql://user:password@host:5432/name`.
///
/// @param jdbc without user and password
public record PostgresUrl(String jdbc, Optional<String> user, Optional<Secret> password) {
  private static final Pattern FORM =
      Pattern.compile(
          "(jdbc:)?postgres(?:ql)?://(?:([^@/?]*)@)?([^/?@]*)(?:/([^?]*))?(?:\\?(.*))?");

  /// @throws IllegalArgumentException when it is not of such a form; the text itself is not in the
  ///   message, since there may be a password in it
  public static PostgresUrl parse(Secret url) {
    Matcher form = FORM.matcher(url.reveal().strip());
    if (!form.matches() || group(form, 3).isEmpty()) {
      throw new IllegalArgumentException(
          "the database URL is not understood: write postgresql://HOST:5432/NAME or"
              + " jdbc:postgresql://HOST:5432/NAME");
    }
    String[] owner = group(form, 2).split(":", 2);
    Optional<String> user = text(owner[0]);
    Optional<String> password = owner.length < 2 ? Optional.empty() : text(owner[1]);
    List<String> kept = new ArrayList<>();
    for (String each : group(form, 5).split("&", -1)) {
      if (each.startsWith("user=")) {
        user = text(each.substring("user=".length()));
      } else if (each.startsWith("password=")) {
        password = text(each.substring("password=".length()));
      } else if (!each.isEmpty()) {
        kept.add(each);
      }
    }
    String shown =
        "jdbc:postgresql://%s/%s%s"
            .formatted(
                group(form, 3), group(form, 4), kept.isEmpty() ? "" : "?" + String.join("&", kept));
    return new PostgresUrl(shown, user, password.map(Secret::new));
  }

  private static String group(Matcher form, int number) {
    String text = form.group(number);
    return text == null ? "" : text;
  }

  private static Optional<String> text(String encoded) {
    return encoded.isEmpty()
        ? Optional.empty()
        : Optional.of(URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8));
  }

  /// As people are told of it.
  public String shown() {
    int parameters = jdbc.indexOf('?');
    return jdbc.substring("jdbc:".length(), parameters < 0 ? jdbc.length() : parameters);
  }
}
