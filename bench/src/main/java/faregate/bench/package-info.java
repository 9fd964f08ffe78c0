/// The bench: what the gateway costs beside a plain proxy, measured in one run.
///
/// [faregate.bench.Bench] is the entry; it starts the contestants as processes of their own, puts
/// load on them with the programs under `native/`, and writes the report. Nothing here is part of
/// the product, and nothing here asserts: a figure that is missed is a row in a table, not a red
/// build.
@NullMarked
package faregate.bench;

import org.jspecify.annotations.NullMarked;
