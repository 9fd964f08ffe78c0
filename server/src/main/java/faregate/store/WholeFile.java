package faregate.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/// Writes a file that is whole whenever it is there, and still there after the power failed.
public final class WholeFile {
  private static final String OWNER_ONLY = "rw-------";

  private WholeFile() {}

  /// Writes it for its owner alone. What was there is replaced.
  ///
  /// @param target an absolute path
  public static void write(Path target, String text) throws IOException {
    Path partial = partial(target);
    Files.deleteIfExists(partial);
    Files.createFile(
        partial, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
    Files.writeString(partial, text);
    publish(partial, target);
  }

  /// Where a file is written before it gets its name.
  static Path partial(Path target) {
    return target.resolveSibling(target.getFileName() + ".partial");
  }

  /// Gives it its name, once its bytes are on the disk.
  static void publish(Path partial, Path target) throws IOException {
    sync(partial, StandardOpenOption.WRITE);
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    sync(folder(target), StandardOpenOption.READ);
  }

  private static void sync(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }

  private static Path folder(Path target) {
    return Objects.requireNonNull(target.getParent(), "an absolute path has a parent");
  }
}
