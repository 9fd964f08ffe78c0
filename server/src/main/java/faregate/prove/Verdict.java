package faregate.prove;

import java.util.List;
import java.util.Map;

/// What the comparison found. All five of `lost` to `unexplainedNanoUsd` have to be 0.
///
/// @param told costs that clients were told
/// @param billedNanoUsd by the providers
/// @param postedNanoUsd to the wallets
/// @param ownedNanoUsd what the incidents allow beyond the charges: an upper bound
/// @param coveredNanoUsd what providers billed beyond the charges, each within its call's bound
/// @param ends how many calls ended how for their clients: refusals by their code
/// @param troubles what went wrong on purpose with how many calls
/// @param lost costs told to a client that are not in the ledger, and billed calls it does not know
/// @param overspent calls sent with a hold that does not cover them, wallets in flight or posted
///   beyond their credit, rows that do not add up
/// @param openPastGrace holds that nobody ended
/// @param false402 refusals of a wallet that had the credit
/// @param unexplainedNanoUsd differences between bill and charge that no incident bounds or no
///   fault explains
/// @param findings each of these in words
public record Verdict(
    long calls,
    long told,
    long billedNanoUsd,
    long postedNanoUsd,
    long ownedNanoUsd,
    long coveredNanoUsd,
    Map<String, Long> ends,
    Map<String, Long> troubles,
    long lost,
    long overspent,
    long openPastGrace,
    long false402,
    long unexplainedNanoUsd,
    List<String> findings) {

  public boolean isClean() {
    return lost == 0
        && overspent == 0
        && openPastGrace == 0
        && false402 == 0
        && unexplainedNanoUsd == 0;
  }
}
