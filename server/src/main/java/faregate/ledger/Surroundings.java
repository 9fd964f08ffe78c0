package faregate.ledger;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import java.util.function.LongSupplier;

/// What the writer needs of the world.
///
/// @param freeBytes how much may still be written to the disk of the database
/// @param lost told when the fence was taken over: the node's number is not its own any more
/// @param node the number it writes under at first
record Surroundings(
    Clock clock,
    IdSource ids,
    RandomSource random,
    LedgerWatch watch,
    LongSupplier freeBytes,
    Runnable lost,
    int node) {}
