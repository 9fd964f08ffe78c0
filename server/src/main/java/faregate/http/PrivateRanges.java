package faregate.http;

import java.net.InetAddress;
import java.util.Locale;

/// Which addresses are not of the public internet. A provider's name must not lead to one of them,
/// or whoever holds the name reads the operator's own network.
final class PrivateRanges {
  private PrivateRanges() {}

  /// Whether the text is an address itself, or `localhost`: then it was named on purpose.
  static boolean isLiteralOrLocalhost(String host) {
    return host.toLowerCase(Locale.ROOT).equals("localhost")
        || host.indexOf(':') >= 0
        || host.chars().allMatch(letter -> letter == '.' || (letter >= '0' && letter <= '9'));
  }

  static boolean contains(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return true;
    }
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? inV4(bytes, 0) : inV6(bytes);
  }

  private static boolean inV4(byte[] bytes, int at) {
    int first = bytes[at] & 0xff;
    int second = bytes[at + 1] & 0xff;
    return switch (first) {
      case 0, 10, 127 -> true;
      case 100 -> second >= 64 && second < 128;
      case 169 -> second == 254;
      case 172 -> second >= 16 && second < 32;
      case 192 -> second == 168 || (second == 0 && (bytes[at + 2] == 0 || bytes[at + 2] == 2));
      case 198 -> second == 18 || second == 19;
      default -> first >= 224;
    };
  }

  private static boolean inV6(byte[] bytes) {
    boolean uniqueLocal = (bytes[0] & 0xfe) == 0xfc;
    boolean translated = bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xff) == 0xff;
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
    return uniqueLocal || (translated && inV4(bytes, 12)) || (sixToFour && inV4(bytes, 2));
  }
}
