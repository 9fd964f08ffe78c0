package faregate.prove;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.store.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/// The database of the proof, seen from outside the gateways.
interface Site extends AutoCloseable {
  /// Makes it ready for the first gateway.
  void begin() throws InterruptedException;

  /// The lines of a gateway's configuration that are about it.
  String configuration();

  /// The variables that let the product find it.
  Map<String, String> environment();

  /// Opens it as a gateway would, to make the users. Only before the first gateway starts.
  Database open(Clock clock, RandomSource random);

  /// A connection that only reads, past all gateways.
  Connection look() throws SQLException;

  /// Sets its own clock forward or back, where it has one.
  void shift(long micros);

  /// How long a gateway has to be silent until another one ends what it held.
  long deathMillis();

  /// How long a hold may stay open when everything is well again.
  long graceMillis();

  /// What can be done to it, where it can be harmed apart from the gateways.
  Optional<Harm> harm();

  @Override
  void close();

  /// Ways of harming a database server and the connections to it. All but [#kill] end when told.
  interface Harm {
    /// Whether the server is ours, so that it may be killed.
    boolean mayKill();

    /// Kills the server with all its sessions, and starts it again.
    void kill() throws InterruptedException;

    /// Cuts every connection; those of bytes under way are lost or arrive late.
    void cut();

    /// Cuts the connection of the next batch of a ledger, which still reaches the server.
    ///
    /// @param lateMillis how long after the cut
    /// @return false when no batch was seen, as in connections that are encrypted
    boolean cutBatch(int lateMillis) throws InterruptedException;

    /// Lets nothing through until told.
    void stall(boolean on);

    /// Delays each answer, so that commits are slow; 0 for not.
    void delay(int millis);
  }
}
