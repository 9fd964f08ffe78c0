package faregate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which room may import which, as ARCHITECTURE.md says.
///
/// @param mayImport by room; `id` and the room itself are left out, since every room has them
record HouseTable(Map<String, Set<String>> mayImport) {
  private static final Pattern ROW =
      Pattern.compile("\\| *(?:(\\d) [^|]*)?\\| `(\\w+)` \\|[^|]*\\|([^|]*)\\|");
  private static final Pattern LEVELS = Pattern.compile("levels? (\\d)(?:–(\\d))?");

  static HouseTable read(Path page) throws IOException {
    Map<String, Integer> levels = new LinkedHashMap<>();
    Map<String, String> cells = new LinkedHashMap<>();
    int level = -1;
    for (String line : Files.readAllLines(page)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        level = row.group(1) == null ? level : Integer.parseInt(row.group(1));
        levels.put(row.group(2), level);
        cells.put(row.group(2), row.group(3));
      }
    }
    Map<String, Set<String>> mayImport = new LinkedHashMap<>();
    cells.forEach((room, cell) -> mayImport.put(room, rooms(cell, levels)));
    return new HouseTable(mayImport);
  }

  private static Set<String> rooms(String cell, Map<String, Integer> levels) {
    Set<String> rooms = new TreeSet<>();
    if (cell.contains("everything")) {
      rooms.addAll(levels.keySet());
    }
    Matcher range = LEVELS.matcher(cell);
    while (range.find()) {
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      levels.forEach(
          (room, level) -> {
            if (first <= level && level <= last) {
              rooms.add(room);
            }
          });
    }
    String names = cell.replaceAll("\\([^)]*\\)", "");
    for (String word : names.split("\\W+", -1)) {
      if (levels.containsKey(word)) {
        rooms.add(word);
      }
    }
    return rooms;
  }

  boolean knows(String room) {
    return mayImport.containsKey(room);
  }

  boolean allows(String from, String to) {
    return from.equals(to)
        || to.equals("id")
        || mayImport.getOrDefault(from, Set.of()).contains(to);
  }
}
