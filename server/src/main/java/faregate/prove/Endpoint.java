package faregate.prove;

import faregate.kit.SettingsException;
import faregate.store.PostgresUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A PostgreSQL taken apart, so that the same database can be asked for past the proxy and through
/// it.
///
/// @param host an IPv6 address without its brackets
/// @param database with the slash before it
/// @param parameters of the URL, without a search path
/// @param login who logs in
record Endpoint(
    String host, int port, String database, List<String> parameters, PostgresUrl login) {
  private static final Pattern FORM =
      Pattern.compile("jdbc:postgresql://(\\[[^]]+]|[^:/,]+)(?::(\\d{1,5}))?(/[^?]*)(?:\\?(.*))?");
  private static final int PORT = 5432;
  private static final String PATH = "currentSchema=";

  /// @throws SettingsException when it names no server, or several
  static Endpoint of(PostgresUrl url) {
    Matcher form = FORM.matcher(url.jdbc());
    if (!form.matches()) {
      throw new SettingsException(
          "--database "
              + url.shown()
              + " does not name one server: write postgresql://HOST:5432/NAME.");
    }
    List<String> kept = new ArrayList<>();
    if (form.group(4) != null) {
      for (String each : form.group(4).split("&", -1)) {
        if (!each.startsWith(PATH)) {
          kept.add(each);
        }
      }
    }
    return new Endpoint(
        form.group(1).replaceAll("[\\[\\]]", ""),
        form.group(2) == null ? PORT : Integer.parseInt(form.group(2)),
        form.group(3),
        List.copyOf(kept),
        url);
  }

  /// With the proof's own search path.
  PostgresUrl direct() {
    return at(host.contains(":") ? "[" + host + "]" : host, port);
  }

  /// The same by way of a proxy on this machine.
  PostgresUrl through(int proxyPort) {
    return at("127.0.0.1", proxyPort);
  }

  private PostgresUrl at(String where, int wherePort) {
    List<String> all = new ArrayList<>(parameters);
    all.add(PATH + SchemaSql.PATH);
    String jdbc =
        "jdbc:postgresql://" + where + ":" + wherePort + database + "?" + String.join("&", all);
    return new PostgresUrl(jdbc, login.user(), login.password());
  }

  /// As people are told of it.
  String shown() {
    return login.shown();
  }
}
