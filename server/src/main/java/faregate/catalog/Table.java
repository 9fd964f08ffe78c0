package faregate.catalog;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import faregate.kit.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A CSV file with a heading, read whole. Columns stand in any order; a column that is not known is
/// refused, since a price in a misspelt one would be lost.
final class Table {
  private Table() {}

  /// A file of the product's own data, beside this class's package in the resources.
  static List<Row> builtIn(String name, Set<String> required, Set<String> optional) {
    try (InputStream in = Table.class.getResourceAsStream("/catalog/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the resource catalog/" + name + " is missing");
      }
      return read(new InputStreamReader(in, StandardCharsets.UTF_8), name, required, optional);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A file of the operator.
  static List<Row> file(Path path, Set<String> required, Set<String> optional) {
    try (Reader in = Files.newBufferedReader(path)) {
      return read(in, path.toString(), required, optional);
    } catch (IOException | UncheckedIOException e) {
      throw new SettingsException(
          "%s, a file of offers, cannot be read (%s). Correct offers.files."
              .formatted(path, e.getMessage()));
    }
  }

  private static List<Row> read(Reader in, String file, Set<String> required, Set<String> optional)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    Map<String, Integer> columns = new LinkedHashMap<>();
    try (CsvReader<CsvRecord> records =
        CsvReader.builder().allowExtraFields(true).allowMissingFields(true).ofCsvRecord(in)) {
      for (CsvRecord each : records) {
        if (columns.isEmpty()) {
          heading(each, file, required, optional, columns);
        } else if (each.getFieldCount() != columns.size()) {
          throw new SettingsException(
              "%s, line %d has %d fields where the heading has %d; check its commas and quotes."
                  .formatted(
                      file, each.getStartingLineNumber(), each.getFieldCount(), columns.size()));
        } else {
          rows.add(new Row(file, each.getStartingLineNumber(), each.getFields(), columns));
        }
      }
    } catch (CsvParseException e) {
      throw new SettingsException(
          file + " is not readable as CSV: " + e.getMessage() + ". Check its quotes.");
    }
    if (columns.isEmpty()) {
      throw new SettingsException(file + " is empty; its first line must name the columns.");
    }
    return rows;
  }

  private static void heading(
      CsvRecord heading,
      String file,
      Set<String> required,
      Set<String> optional,
      Map<String, Integer> columns) {
    for (String column : heading.getFields()) {
      String name = column.strip();
      boolean known = required.contains(name) || optional.contains(name);
      if (!known || columns.put(name, columns.size()) != null) {
        Set<String> all = new TreeSet<>(required);
        all.addAll(optional);
        throw new SettingsException(
            "%s, line %d: the column '%s' is %s. The columns are %s."
                .formatted(
                    file,
                    heading.getStartingLineNumber(),
                    name,
                    known ? "there twice" : "not known",
                    String.join(", ", all)));
      }
    }
    for (String column : new TreeSet<>(required)) {
      if (!columns.containsKey(column)) {
        throw new SettingsException(
            "%s, line %d: the column '%s' is missing."
                .formatted(file, heading.getStartingLineNumber(), column));
      }
    }
  }
}
