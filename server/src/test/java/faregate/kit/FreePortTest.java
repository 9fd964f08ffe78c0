package faregate.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.RepeatedTest;

class FreePortTest {
  /// What the system picks for a listener is of those that it lends to clients as well.
  @RepeatedTest(20)
  void aServerMayTakeItAndNoClientIsLentIt() throws IOException {
    int port = FreePort.find();
    try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        ServerSocket lent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(server.getLocalPort()).isEqualTo(port).isLessThan(lent.getLocalPort());
    }
  }
}
