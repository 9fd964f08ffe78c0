package faregate.prove;

import faregate.identity.MonthlyGrant;
import faregate.kit.Clock;
import faregate.kit.ShiftedClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;

/// The time that gateways and database believe in. It begins shortly before the end of a month, and
/// is set forward and back.
final class Calendar {
  private final Clock real;
  private final Clock shifted;
  private final Path file;
  private final Site site;
  private long shiftMicros;
  private YearMonth first;
  private YearMonth last;

  /// @param file what the gateways' clocks read
  Calendar(Clock real, Path file, Site site) {
    this.real = real;
    this.file = file;
    this.site = site;
    this.shifted = new ShiftedClock(file);
    this.first = MonthlyGrant.month(real.micros());
    this.last = first;
  }

  /// The clock that is set.
  Clock clock() {
    return shifted;
  }

  /// As of now, whatever [#clock] has read.
  long nowMicros() {
    return real.micros() + shiftMicros;
  }

  /// Begins so long before the end of this month.
  void begin(long millisBeforeMonthEnd) {
    long end = MonthlyGrant.startOf(first.plusMonths(1));
    set(end - millisBeforeMonthEnd * 1_000 - real.micros());
    first = month();
    last = first;
  }

  /// Sets it forward or back.
  void jump(long millis) {
    note();
    set(shiftMicros + millis * 1_000);
    note();
  }

  private void set(long micros) {
    shiftMicros = micros;
    try {
      Path part = file.resolveSibling(file.getFileName() + ".part");
      Files.writeString(part, Long.toString(micros));
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("the clock cannot be set", e);
    }
    site.shift(micros);
  }

  private YearMonth month() {
    return MonthlyGrant.month(nowMicros());
  }

  private void note() {
    YearMonth now = month();
    first = now.isBefore(first) ? now : first;
    last = now.isAfter(last) ? now : last;
  }

  /// How many months it has been in.
  int months() {
    note();
    return (int) ChronoUnit.MONTHS.between(first, last) + 1;
  }
}
