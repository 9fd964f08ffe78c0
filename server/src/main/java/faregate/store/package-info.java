/// The database: one file, its lock, its migrations, one thread that writes and a few that read.
///
/// Entry class: [faregate.store.Database]. Rooms bring their own SQL in classes named `…Sql` and
/// their own tables in `db/migration`; this room knows none of them but `node`. Nothing here may be
/// called from an event loop, except [faregate.store.Database#writeLater].
@NullMarked
package faregate.store;

import org.jspecify.annotations.NullMarked;
