package faregate.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/// Copies a database as of one moment, without stopping its writer.
final class Backup {
  private Backup() {}

  static void write(Path file, Path target) {
    Path partial = WholeFile.partial(target);
    try {
      if (Files.exists(target)) {
        throw new FileAlreadyExistsException(target + " exists: name a new file for the backup");
      }
      Files.deleteIfExists(partial);
      copy(file, partial);
      WholeFile.publish(partial, target);
    } catch (IOException e) {
      throw new UncheckedIOException("no backup was written to " + target, e);
    } catch (SQLException e) {
      throw new IllegalStateException("no backup was written to " + target, e);
    }
  }

  private static void copy(Path file, Path partial) throws SQLException {
    try (Connection connection = Sqlite.plain(file);
        PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, partial.toString());
      vacuum.execute();
    }
  }
}
