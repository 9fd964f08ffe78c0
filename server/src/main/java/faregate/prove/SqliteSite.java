package faregate.prove;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.store.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/// A file that belongs to one gateway.
final class SqliteSite implements Site {
  private static final String FILE = "faregate.db";
  private static final long GRACE_MILLIS = 10_000;

  private final Path file;

  /// @param data folder of the one gateway
  SqliteSite(Path data) {
    this.file = data.resolve(FILE);
  }

  @Override
  public void begin() {}

  @Override
  public String configuration() {
    return "";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of();
  }

  @Override
  public Database open(Clock clock, RandomSource random) {
    return Database.openSqlite(file, clock);
  }

  @Override
  public Connection look() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro");
  }

  /// It has no clock but the gateway's.
  @Override
  public void shift(long micros) {}

  /// Nobody but the gateway itself ends what it held, when it is started again.
  @Override
  public long deathMillis() {
    return 0;
  }

  @Override
  public long graceMillis() {
    return GRACE_MILLIS;
  }

  @Override
  public Optional<Harm> harm() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
