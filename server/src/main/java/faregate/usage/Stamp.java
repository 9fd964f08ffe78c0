package faregate.usage;

/// What is stamped on a hold when it is made: who asks for what, at whose price. The ledger keeps
/// it as the opaque reference of the call, so it is known even where the node died before it could
/// note anything else.
///
/// @param token empty in a reference that somebody else wrote
/// @param model as the catalogue names it
/// @param provider of the first attempt; empty in the references of older releases
/// @param tariffVersion of the first attempt's prices, likewise
public record Stamp(String token, String model, String provider, String tariffVersion) {
  private static final String TAB = "\t";

  /// Its form as a reference. It begins with the token and a space.
  public String text() {
    return token + " " + model + TAB + provider + TAB + tariffVersion;
  }

  /// Reads a reference, of older releases too: those had the token and the model only.
  public static Stamp parse(String ref) {
    String[] fields = ref.split(TAB, 3);
    int space = fields[0].indexOf(' ');
    return new Stamp(
        space < 0 ? "" : fields[0].substring(0, space),
        fields[0].substring(space + 1),
        fields.length > 1 ? fields[1] : "",
        fields.length > 2 ? fields[2] : "");
  }
}
