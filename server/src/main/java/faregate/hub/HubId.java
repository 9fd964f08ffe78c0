package faregate.hub;

import java.util.Locale;

/// The Hub's ids have 24 hexadecimal digits.
final class HubId {
  private HubId() {}

  static String of(long id) {
    return String.format(Locale.ROOT, "%024x", id);
  }
}
