package faregate.identity;

/// A token with its owner, as the database has it.
record TokenRow(TokenDigest digest, Token token, User owner) {

  Caller caller() {
    return new Caller(
        token.id(),
        owner.id(),
        owner.name(),
        owner.wallet(),
        owner.tier(),
        token.permissions(),
        token.expiresMicros(),
        token.clampOutput());
  }
}
