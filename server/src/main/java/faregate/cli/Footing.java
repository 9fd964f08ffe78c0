package faregate.cli;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import faregate.ledger.Ledger;
import faregate.store.Lane;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/// What a server takes from the world. There is one, except where the ledger is being proved: there
/// the clock jumps, and now and then something is broken on purpose.
///
/// @param till put between the gateway and the ledger, with a source of ids
/// @param lane told of the write thread before the ledger uses it
record Footing(
    Clock clock,
    RandomSource random,
    BiFunction<Ledger, IdSource, Ledger> till,
    Consumer<Lane> lane) {
  static final Footing REAL =
      new Footing(Clock.system(), RandomSource.secure(), (ledger, _) -> ledger, _ -> {});
}
