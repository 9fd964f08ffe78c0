package faregate.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/// A PostgreSQL of this bench's own, on a port that is free, until the process is ended. Prints its
/// URL. Durable as it comes: nothing of its settings trades safety for speed.
final class OwnPostgres {
  private OwnPostgres() {}

  static void main(String[] arguments) throws Exception {
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setServerConfig("max_connections", "100")
            .setServerConfig("shared_buffers", "256MB")
            .setServerConfig("max_wal_size", "4GB")
            .start()) {
      System.out.println("postgresql://postgres@127.0.0.1:" + server.getPort() + "/postgres");
      System.out.flush();
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
