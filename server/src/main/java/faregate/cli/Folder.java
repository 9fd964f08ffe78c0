package faregate.cli;

import faregate.kit.Environment;
import faregate.kit.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The data folder: the database, its backups, the credential of the running server, and by default
/// the configuration. Made with mode 0700.
record Folder(Path path) {
  private static final String OWNER_ONLY = "rwx------";

  /// `--data`, else `FAREGATE_DATA`, else `data` beside the launcher; where that may not be
  /// written, the user's own data folder.
  static Folder find(@Nullable Path named, Environment environment) {
    if (named != null) {
      return new Folder(named.toAbsolutePath().normalize());
    }
    String variable = environment.variable("FAREGATE_DATA");
    if (variable != null) {
      return new Folder(Path.of(variable).toAbsolutePath().normalize());
    }
    Path beside =
        Path.of(Objects.requireNonNullElse(environment.variable("FAREGATE_HOME"), "."))
            .resolve("data")
            .toAbsolutePath()
            .normalize();
    Path parent = Objects.requireNonNull(beside.getParent());
    return Files.isWritable(Files.exists(beside) ? beside : parent)
        ? new Folder(beside)
        : new Folder(ofUser(environment));
  }

  private static Path ofUser(Environment environment) {
    String data = environment.variable("XDG_DATA_HOME");
    String home = Objects.requireNonNullElse(environment.variable("HOME"), ".");
    return (data == null ? Path.of(home, ".local", "share") : Path.of(data)).resolve("faregate");
  }

  /// Makes it if it is not there.
  ///
  /// @throws SettingsException when it cannot be used
  Folder prepare() {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
      }
    } catch (IOException e) {
      throw new SettingsException(
          "The data folder %s cannot be made (%s). Name another by --data.".formatted(path, e));
    }
    if (!Files.isWritable(path)) {
      throw new SettingsException(
          "The data folder %s is not writable for this user. Name another by --data, or run as its owner."
              .formatted(path));
    }
    return this;
  }

  Path database() {
    return path.resolve("faregate.db");
  }

  /// The configuration: `--config`, else `FAREGATE_CONFIG`, else `faregate.yaml` in this folder,
  /// else none.
  @Nullable Path configuration(@Nullable Path named, Environment environment) {
    if (named != null) {
      return named;
    }
    String variable = environment.variable("FAREGATE_CONFIG");
    if (variable != null) {
      return Path.of(variable);
    }
    Path own = path.resolve("faregate.yaml");
    return Files.exists(own) ? own : null;
  }
}
