/// The public proof: real gateways under load and under attack, and three books compared.
///
/// Enter by [faregate.prove.Proof]. It starts gateways as processes of their own (the product's own
/// program, real configuration, real HTTP), plays the providers in its own process so that their
/// bill outlives every kill, lets many clients call, and harms everything by a schedule that
/// follows from a seed ([faregate.prove.Calamity]). When all is quiet again, [faregate.prove.Books]
/// are read: what clients were told, what the ledger's rows say, what the providers bill; and
/// [faregate.prove.Comparison], a pure function, says what does not fit.
///
/// It reads the ledger's rows with SQL of its own and trusts no figure that the gateway computes. A
/// [faregate.prove.Sabotage] breaks the ledger on purpose, so that the proof is seen to bite.
@NullMarked
package faregate.prove;

import org.jspecify.annotations.NullMarked;
