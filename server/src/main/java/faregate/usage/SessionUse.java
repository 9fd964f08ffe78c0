package faregate.usage;

import faregate.money.Nanos;
import java.time.YearMonth;

/// What one session consumed in one month (UTC).
///
/// @param session as the client named it; empty for the calls that named none
public record SessionUse(YearMonth month, String session, long requests, Nanos charge) {}
