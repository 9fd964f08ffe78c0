package faregate.store;

import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Says in plain words why a PostgreSQL cannot be used, from what it answered.
final class PostgresTrouble {
  private PostgresTrouble() {}

  static DatabaseUnusableException of(PostgresSettings settings, Exception cause) {
    SQLException answer = find(cause);
    String state = answer == null ? "" : Objects.requireNonNullElse(answer.getSQLState(), "");
    String said = answer == null ? String.valueOf(cause.getMessage()) : message(answer);
    String where = settings.url().replaceFirst("\\?.*", "").replaceFirst("^jdbc:", "");
    String user = Objects.requireNonNullElse(settings.user(), "the user of this process");
    String words =
        switch (state) {
          case "28P01", "28000" ->
              "%s does not let %s in (%s). Check database.user, and the password in FAREGATE_DATABASE_PASSWORD or database.password_file."
                  .formatted(where, user, said);
          case "3D000" ->
              "There is no such database: %s (%s). Make it (CREATE DATABASE … OWNER %s), or correct the URL."
                  .formatted(where, said, user);
          case "42501" ->
              "%s may not make tables in %s (%s). Let it own the database, or GRANT CREATE, USAGE ON SCHEMA public to it."
                  .formatted(user, where, said);
          case "53300" ->
              "%s has no connection left (%s). Raise max_connections there, or lower database.connections_max."
                  .formatted(where, said);
          default ->
              state.startsWith("08") || state.startsWith("57P")
                  ? "%s does not answer (%s). Check that it runs, that host and port are right, and that it may be reached from here."
                      .formatted(where, said)
                  : "%s cannot be used (%s %s).".formatted(where, said, state);
        };
    return new DatabaseUnusableException(words, cause);
  }

  /// The driver's causes are more precise than its own words.
  private static @Nullable SQLException find(Throwable cause) {
    SQLException found = null;
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof SQLException answer) {
        found = answer;
      }
    }
    return found;
  }

  private static String message(SQLException answer) {
    return String.valueOf(answer.getMessage()).lines().findFirst().orElse("no reason was given");
  }
}
