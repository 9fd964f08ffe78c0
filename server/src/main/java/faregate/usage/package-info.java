/// What was consumed, and what it cost: reports for those who pay.
///
/// - [faregate.usage.FactsCodec] writes what is kept of a call as the bytes that the ledger carries
///   beside its money, and reads them back, also those of older and newer releases.
/// - [faregate.usage.Usage] is the entry: it follows the calls that ended, as a
///   [faregate.usage.Feed] hands them in, and keeps rows to look up and sums to report from.
///
/// The ledger is the truth and this is its shadow: nothing here decides whether a call may run,
/// except that a spending limit set in mid-month begins with what the month has cost. This package
/// must never know the ledger's tables, tokens' secrets, prompts or answers.
@NullMarked
package faregate.usage;

import org.jspecify.annotations.NullMarked;
