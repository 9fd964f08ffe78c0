package faregate.prove;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.store.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The database of the proof, seen from outside the gateways.
interface Site extends AutoCloseable {
  /// How many gateways it can have.
  int nodes();

  /// The lines of a gateway's configuration that name it.
  String configuration();

  /// Opens it as a gateway would, to make the users. Only before the first gateway starts.
  Database open(Clock clock, RandomSource random);

  /// A connection that only reads, past all gateways.
  Connection look() throws SQLException;

  /// The arguments that let a command of the product find it.
  List<String> arguments(Path data);

  /// Sets its own clock forward or back, where it has one.
  void shift(long micros);

  /// How long a hold may stay open when everything is well again.
  long graceMillis();

  /// What can be done to it, where it can be harmed apart from the gateways.
  Optional<Harm> harm();

  @Override
  void close();

  /// Ways of harming a database server and the connections to it. All but [#kill] end when told.
  interface Harm {
    /// Kills the server with all its sessions, and starts it again.
    ///
    /// @return false where the server is not ours
    boolean kill() throws InterruptedException;

    /// Cuts every connection; those of bytes under way are lost or arrive late.
    void cut();

    /// Lets nothing through until told.
    void stall(boolean on);

    /// Delays each answer; 0 for not.
    void delay(int millis);
  }
}
