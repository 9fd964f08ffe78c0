/// What clients say and what answers say: a thin typed view of the fields we act upon, beside the
/// raw bytes, which pass through as they came.
///
/// Entry classes: [faregate.dialect.ChatRequest] for what is asked, [faregate.dialect.ChatAnswer]
/// and [faregate.dialect.ChunkReader] for what is told. Bytes are changed only by
/// [faregate.dialect.Splice]. This room must never know of providers, money held, or HTTP.
@NullMarked
package faregate.dialect;

import org.jspecify.annotations.NullMarked;
