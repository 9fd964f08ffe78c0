package faregate.cli;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.store.Database;
import faregate.store.PostgresSettings;
import faregate.store.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which database the configuration means: the file in the data folder, or a shared one.
final class DatabaseChoice {
  private DatabaseChoice() {}

  static Database open(Folder folder, Config config, Clock clock, RandomSource random) {
    Secret url = config.database().url();
    return url == null
        ? Database.openSqlite(folder.database(), clock)
        : Database.openPostgres(settings(config, url), clock, random);
  }

  private static PostgresSettings settings(Config config, Secret url) {
    try {
      return PostgresSettings.of(PostgresUrl.parse(url))
          .with(config.database().user(), password(config.database()))
          .withConnectionsMax(config.database().connectionsMax())
          .withNodes(config.nodes());
    } catch (IllegalArgumentException e) {
      throw new SettingsException("database.url: " + e.getMessage() + ".");
    }
  }

  private static @Nullable Secret password(Config.Database database) {
    Path file = database.passwordFile();
    if (database.password() != null || file == null) {
      return database.password();
    }
    try {
      List<String> lines = Files.readAllLines(file);
      if (lines.isEmpty() || lines.getFirst().isBlank()) {
        throw new SettingsException(
            "database.password_file: %s is empty. Its first line has to be the password."
                .formatted(file));
      }
      return new Secret(lines.getFirst());
    } catch (IOException e) {
      throw new SettingsException(
          "database.password_file: %s cannot be read (%s). Check that it is there and that this user may read it."
              .formatted(file, e.getMessage()));
    }
  }
}
