package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.kit.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsTest {
  @TempDir private Path folder;

  @Test
  void theIndexListsEveryMigration() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/db/migration"))) {
      List<String> names =
          files.map(file -> file.getFileName().toString()).filter(n -> n.endsWith(".sql")).toList();
      assertThat(Migrations.listed()).containsExactlyInAnyOrderElementsOf(names);
    }
  }

  /// The release before must still run on what a newer one left, which may have numbered a file
  /// among those of any room.
  @Test
  void whatANewerReleaseLeftOnAFileIsNoObstacle() throws SQLException {
    Path file = folder.resolve("newer.db");
    Database.openSqlite(file, Clock.system()).close();
    try (Connection newer = Sqlite.plain(file)) {
      leaveTraces(newer);
      newer.createStatement().execute("PRAGMA user_version = 1");
    }
    Database.openSqlite(file, Clock.system()).close();
  }

  @Test
  void whatANewerReleaseLeftOnAServerIsNoObstacle() throws SQLException {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Connection newer = DriverManager.getConnection(settings.url(), "postgres", "")) {
      leaveTraces(newer);
      newer.createStatement().execute("DELETE FROM bulletin WHERE topic = 'migrations'");
    }
    PostgresServers.open(settings).close();
  }

  private static void leaveTraces(Connection newer) throws SQLException {
    for (int version : new int[] {19, 9_000}) {
      newer
          .createStatement()
          .execute(
              """
              INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,
                checksum, installed_by, execution_time, success)
              SELECT 1000 + %1$d, '%1$d', 'later', 'SQL', 'V%1$d__later.sql', 1, 'x', 1, success
              FROM flyway_schema_history WHERE installed_rank = 1
              """
                  .formatted(version));
    }
  }

  @Test
  void aMigratedDatabaseIsKnownAndAnotherIsNot() throws SQLException {
    Path file = folder.resolve("faregate.db");
    try (Connection fresh = Sqlite.plain(file)) {
      assertThat(Migrations.isCurrent(fresh)).isFalse();
    }
    Database.openSqlite(file, Clock.system()).close();
    try (Connection migrated = Sqlite.plain(file)) {
      assertThat(Migrations.isCurrent(migrated)).isTrue();
    }
    Database.openSqlite(file, Clock.system()).close();
  }
}
