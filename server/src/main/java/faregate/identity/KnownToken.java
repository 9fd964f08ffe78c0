package faregate.identity;

/// A token in memory, with the answers it leads to made beforehand.
final class KnownToken {
  private final Token token;
  private final LookUp known;
  private volatile long usedDay;

  /// @param caller made of it
  KnownToken(TokenRow row, Caller caller) {
    this.token = row.token();
    this.known = new LookUp.Known(caller);
    this.usedDay = token.usedDay();
  }

  Token token() {
    return token;
  }

  LookUp judge(long nowMicros) {
    if (token.isRevoked()) {
      return LookUp.REVOKED;
    }
    return token.isExpired(nowMicros) ? LookUp.EXPIRED : known;
  }

  /// Notes a use; true when it is the first one of its day that this process sees. Two threads may
  /// both be told so, which does no harm.
  boolean isFirstUseOf(long day) {
    if (usedDay >= day) {
      return false;
    }
    usedDay = day;
    return true;
  }
}
