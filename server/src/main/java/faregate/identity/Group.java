package faregate.identity;

import java.util.Locale;

/// A resource group of an organization.
public record Group(long id, String name) {

  /// As the field writes ids: 24 hexadecimal digits.
  public String hubId() {
    return String.format(Locale.ROOT, "%024x", id);
  }
}
