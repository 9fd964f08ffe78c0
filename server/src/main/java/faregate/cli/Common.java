package faregate.cli;

import faregate.kit.Environment;
import faregate.kit.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that every command takes.
final class Common {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data folder (default: `data` beside the launcher, or FAREGATE_DATA).")
  private @Nullable Path data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration (default: `faregate.yaml` in the data folder, if it is there).")
  private @Nullable Path config;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "A PostgreSQL, as postgresql://HOST/NAME (default: database.url, else SQLite).")
  private @Nullable String database;

  @Option(names = "--json", description = "Answer with JSON instead of text.")
  private boolean json;

  Common() {}

  /// For who knows the options already.
  Common(@Nullable Path data, @Nullable Path config, boolean json) {
    this(data, config, null, json);
  }

  /// As above, on a shared database.
  Common(@Nullable Path data, @Nullable Path config, @Nullable String database, boolean json) {
    this.data = data;
    this.config = config;
    this.database = database;
    this.json = json;
  }

  Environment environment() {
    return Environment.system();
  }

  Folder folder() {
    return whereabouts().prepare();
  }

  /// The data folder as it is, which may be not at all.
  Folder whereabouts() {
    return Folder.find(data, environment());
  }

  @Nullable Path configuration(Folder folder) {
    return folder.configuration(config, environment());
  }

  Config config(Folder folder) {
    Config read = Config.read(configuration(folder), environment());
    return database == null ? read : read.withDatabase(new Secret(database));
  }

  /// Whether the command itself names a database, and not only its surroundings.
  boolean namesDatabase() {
    return database != null;
  }

  boolean json() {
    return json;
  }
}
