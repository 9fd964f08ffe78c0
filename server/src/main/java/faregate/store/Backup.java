package faregate.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/// Copies a database as of one moment, without stopping its writer.
final class Backup {
  private Backup() {}

  static void write(Path file, Path target) {
    Path partial = target.resolveSibling(target.getFileName() + ".partial");
    try {
      if (Files.exists(target)) {
        throw new FileAlreadyExistsException(target + " exists: name a new file for the backup");
      }
      Files.deleteIfExists(partial);
      copy(file, partial);
      sync(partial, StandardOpenOption.WRITE);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      sync(folder(target), StandardOpenOption.READ);
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

  private static void sync(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }

  private static Path folder(Path target) {
    return java.util.Objects.requireNonNull(target.getParent(), "an absolute path has a parent");
  }
}
