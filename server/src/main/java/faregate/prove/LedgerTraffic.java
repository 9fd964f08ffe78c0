package faregate.prove;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Tells the ledger's batches among the bytes that one connection carries to a PostgreSQL, by the
/// frames of its protocol. Sees nothing in a connection that is encrypted.
final class LedgerTraffic {
  private static final String NAME = "faregate ledger";
  private static final byte BIND = 'B';
  private static final int HEAD = 5;

  /// `BEGIN`, the fence, something, `COMMIT`: what only reads has fewer statements.
  private static final int STATEMENTS_MIN = 4;

  private boolean known;

  /// @param chunk what came in one piece: the driver sends a batch in one piece, up to some size
  boolean isBatch(byte[] chunk, int length) {
    if (!known) {
      known = new String(chunk, 0, length, StandardCharsets.ISO_8859_1).contains(NAME);
      return false;
    }
    return statements(ByteBuffer.wrap(chunk, 0, length)) >= STATEMENTS_MIN;
  }

  private static int statements(ByteBuffer frames) {
    int statements = 0;
    while (frames.remaining() >= HEAD) {
      byte type = frames.get(frames.position());
      int size = frames.getInt(frames.position() + 1);
      if (size < HEAD - 1) {
        return 0;
      }
      statements += type == BIND ? 1 : 0;
      frames.position(Math.min(frames.limit(), frames.position() + 1 + size));
    }
    return statements;
  }
}
