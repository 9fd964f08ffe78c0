/// The exact record of whose money was set aside for which call, and what became of it.
///
/// Entry class: [faregate.ledger.SqlLedger], behind [faregate.ledger.Ledger] for commands and
/// [faregate.ledger.LedgerReads] for questions.
///
/// A command goes this way: `SqlLedger` queues it as a [Work]; the [Writer], on the write thread,
/// drains a batch; the [Clerk] carries each command out on the [Books] in memory, asking the pure
/// [Decision] what becomes of it and noting the [Changes]; `WriterSql` applies all changes of the
/// batch in one durable transaction, behind a fence; only then are the outcomes handed out.
///
/// It must never know users, providers, models or prompts: who and what are opaque references. It
/// imports no metrics library: a [LedgerWatch] is told. Amounts are whole nano-USD everywhere.
@NullMarked
package faregate.ledger;

import org.jspecify.annotations.NullMarked;
