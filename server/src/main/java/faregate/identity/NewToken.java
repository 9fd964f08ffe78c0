package faregate.identity;

import faregate.kit.Secret;

/// A token that was just made, with its secret: this is the only time that it can be shown.
public record NewToken(Token token, Secret secret) {}
