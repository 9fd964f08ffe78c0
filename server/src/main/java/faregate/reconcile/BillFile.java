package faregate.reconcile;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import faregate.money.Nanos;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A provider's bill as the operator got it: CSV with a heading, one column with the provider's ids
/// of the calls and one with amounts, in nano-USD or in USD. Other columns are passed over.
///
/// @param amounts by the provider's id; several lines of one id are added up
/// @param unit what the last place of an amount is worth, in nano-USD: the bill is no finer
record BillFile(Map<String, Nanos> amounts, long unit) {
  private static final Set<String> REQUEST = Set.of("requestid", "id", "inferenceid");
  private static final Set<String> NANOS = Set.of("nanousd", "costnanousd");
  private static final Set<String> USD = Set.of("usd", "costusd", "cost");
  private static final int NANO_PLACES = 9;

  /// Beyond this a number is not written out: that could take for ever.
  private static final int SCALE_MAX = 40;

  /// A bill that cannot be used. The message names the file, the line and the remedy.
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreadable(String message) {
      super(message, null, false, false);
    }
  }

  /// Where the two columns are.
  private record Columns(int request, int amount, boolean inUsd) {}

  /// @throws Unreadable when it is no such file
  static BillFile read(Path file) {
    Map<String, Nanos> amounts = new LinkedHashMap<>();
    int places = 0;
    Columns columns = null;
    try (Reader in = Files.newBufferedReader(file);
        CsvReader<CsvRecord> lines = CsvReader.builder().ofCsvRecord(in)) {
      for (CsvRecord line : lines) {
        if (columns == null) {
          columns = columns(file, line.getFields());
        } else {
          String text = field(file, line, columns.amount());
          BigDecimal amount = number(file, line, text);
          places = Math.max(places, amount.scale());
          amounts.merge(
              field(file, line, columns.request()),
              nanos(file, line, amount, columns),
              Nanos::plus);
        }
      }
    } catch (IOException | CsvParseException e) {
      throw new Unreadable(file + " cannot be read as CSV: " + e.getMessage() + ".");
    }
    if (columns == null) {
      throw new Unreadable(file + " is empty; its first line must name the columns.");
    }
    return new BillFile(amounts, columns.inUsd() ? unit(places) : 1);
  }

  private static long unit(int places) {
    return BigDecimal.ONE.movePointRight(Math.max(0, NANO_PLACES - places)).longValueExact();
  }

  private static Columns columns(Path file, List<String> heading) {
    Integer request = null;
    Integer amount = null;
    boolean inUsd = false;
    for (int at = 0; at < heading.size(); at++) {
      String name = heading.get(at).toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
      if (REQUEST.contains(name)) {
        request = request == null ? at : request;
      } else if (NANOS.contains(name) || (USD.contains(name) && amount == null)) {
        amount = at;
        inUsd = USD.contains(name);
      }
    }
    return new Columns(
        found(file, request, "request_id"), found(file, amount, "nano_usd or usd"), inUsd);
  }

  private static int found(Path file, @Nullable Integer column, String name) {
    if (column == null) {
      throw new Unreadable(
          file
              + " has no column "
              + name
              + "; its first line must name request_id, and nano_usd or"
              + " usd.");
    }
    return column;
  }

  private static String field(Path file, CsvRecord line, int column) {
    if (column >= line.getFieldCount()) {
      throw new Unreadable(
          "%s, line %d has too few fields; check its commas and quotes."
              .formatted(file, line.getStartingLineNumber()));
    }
    return line.getField(column).strip();
  }

  private static BigDecimal number(Path file, CsvRecord line, String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new Unreadable(
          "%s, line %d: '%s' is no amount; write a plain number such as 0.0012, without a sign of"
                  .formatted(file, line.getStartingLineNumber(), text)
              + " currency.");
    }
  }

  /// Parts of a nano-USD are rounded up, as everywhere.
  private static Nanos nanos(Path file, CsvRecord line, BigDecimal amount, Columns columns) {
    try {
      BigDecimal nanos = columns.inUsd() ? amount.movePointRight(NANO_PLACES) : amount;
      if (Math.abs((long) nanos.scale()) > SCALE_MAX) {
        throw new ArithmeticException("not to be written out");
      }
      return Nanos.of(nanos.setScale(0, RoundingMode.CEILING).longValueExact());
    } catch (ArithmeticException e) {
      throw new Unreadable(
          "%s, line %d: the amount %s is too large, or has too many places."
              .formatted(file, line.getStartingLineNumber(), amount));
    }
  }
}
