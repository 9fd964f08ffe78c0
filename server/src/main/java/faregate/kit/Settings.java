package faregate.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what the operator wants, from a YAML file and the environment, into records.
///
/// A settings record is a plain record whose component names, in snake case, are the keys. What a
/// file does not name comes from the record's static method `defaults()`, if it has one; else lists
/// and maps are empty, `@Nullable` components are null, and everything else must be given. A
/// component may be a `String`, a whole or decimal number, a `boolean`, an enum (written in lower
/// case), a `Duration` (`250ms`, `5s`, `2m`, `1h`), a `Path`, a `URI`, a [Secret], any type with
/// one static factory from a `String`, a record, a `List` or `Set` of these, or a `Map` with
/// `String` keys. Whole numbers take `_` and the endings `KiB`, `MiB` and `GiB`. A compact
/// constructor may refuse values with an `IllegalArgumentException`, whose message is shown with
/// file and line.
///
/// Scalars at fixed keys can be overridden by the environment: `limits.body_bytes_max` by
/// `FAREGATE_LIMITS_BODY_BYTES_MAX`.
public final class Settings {
  private Settings() {}

  /// One key that a file may hold.
  ///
  /// @param path such as `limits.body_bytes_max`; `*` stands for a name that the operator chooses
  /// @param variable the environment variable that overrides it, null where there is none
  public record Key(String path, @Nullable String variable) {}

  /// @param file null for none: defaults and environment only
  /// @throws SettingsException when anything in it cannot be used
  public static <T extends Record> T read(
      Class<T> type, @Nullable Path file, Environment environment) {
    if (file == null) {
      return read(type, "settings", "", environment);
    }
    try {
      return read(type, file.toString(), Files.readString(file), environment);
    } catch (NoSuchFileException e) {
      throw new SettingsException(
          "There is no configuration file %s. Create it, or name another by --config."
              .formatted(file));
    } catch (IOException e) {
      throw new SettingsException(
          "The configuration file %s cannot be read (%s). Check that it is UTF-8 text and that this user may read it."
              .formatted(file, e.getMessage()));
    }
  }

  /// @param name how the document is called in errors
  public static <T extends Record> T read(
      Class<T> type, String name, String yaml, Environment environment) {
    return new Binder(name, environment).bindRoot(type, Yaml.parse(name, yaml));
  }

  /// Every key of a settings record, in the order of its components.
  public static List<Key> keys(Class<? extends Record> type) {
    return Keys.of(type);
  }
}
