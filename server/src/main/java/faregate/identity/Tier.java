package faregate.identity;

/// What is granted each month, and what happens when it is gone.
public enum Tier {
  FREE,
  PRO,
  TEAM,
  ENTERPRISE;

  /// Lower case, as on the command line and the wire.
  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
