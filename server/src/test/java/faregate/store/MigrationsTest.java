package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.kit.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
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
