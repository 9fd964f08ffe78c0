package faregate.operator;

import faregate.kit.RandomSource;
import faregate.kit.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/// How a command finds the running server of a data folder and proves that it may speak to it: a
/// file that only the folder's owner can read, with the server's URL and a secret of this start.
///
/// @param url such as `http://127.0.0.1:8080`
/// @param database which one the server uses, without its password; empty where that is not told
public record Credential(String url, Secret secret, String database) {
  private static final String FILE = "operator";
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final int LENGTH = 40;

  public static Secret newSecret(RandomSource random) {
    return new Secret(random.text(LENGTH, ALPHABET));
  }

  /// @return empty when no server says that it runs there
  public static Optional<Credential> read(Path folder) throws IOException {
    try {
      List<String> lines = Files.readAllLines(folder.resolve(FILE));
      return lines.size() < 2
          ? Optional.empty()
          : Optional.of(
              new Credential(
                  lines.get(0), new Secret(lines.get(1)), lines.size() == 2 ? "" : lines.get(2)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// Writes the file, mode 0600, so that it is whole whenever it is there.
  public void write(Path folder) throws IOException {
    Path part = folder.resolve(FILE + ".part");
    Files.deleteIfExists(part);
    Files.createFile(
        part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(part, url + "\n" + secret.reveal() + "\n" + database + "\n");
    Files.move(
        part,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  public static void remove(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }

  /// Compares in constant time.
  public boolean matches(String presented) {
    return MessageDigest.isEqual(
        presented.getBytes(StandardCharsets.UTF_8),
        secret.reveal().getBytes(StandardCharsets.UTF_8));
  }
}
