package faregate.usage;

import java.util.Comparator;

/// In whose name a wallet's credit was spent. All three are ids.
///
/// @param account the member, where an organization pays; 0 where the wallet's owner spent it
/// @param group the resource group; 0 for none
/// @param token 0 where nothing was noted
public record Spender(long account, long group, long token) {
  public static final Spender UNKNOWN = new Spender(0, 0, 0);

  static final Comparator<Spender> ORDER =
      Comparator.comparingLong(Spender::account)
          .thenComparingLong(Spender::group)
          .thenComparingLong(Spender::token);

  static Spender of(Facts facts) {
    return new Spender(facts.payment().account(), facts.payment().group(), facts.token().value());
  }
}
