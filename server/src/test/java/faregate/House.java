package faregate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The laws of the house, each as a list of violations: `file:line: what is wrong and what to do`.
record House(HouseTable table, List<Source> sources, List<Use> uses) {
  private static final Pattern NAME = Pattern.compile("\\bfaregate((?:\\.[a-z][a-z0-9]*)+)\\b");
  private static final Pattern SQL =
      Pattern.compile(
          "(?s)\\b(SELECT\\s.+\\sFROM|INSERT INTO|INSERT OR|UPDATE\\s+\\w+\\s+SET|DELETE FROM"
              + "|CREATE (TABLE|INDEX|UNIQUE)|ALTER TABLE|DROP TABLE|PRAGMA|BEGIN IMMEDIATE)\\b");
  private static final Pattern FLOAT =
      Pattern.compile(
          "\\b(float|double|Float|Double|doubleValue|floatValue|parseDouble)\\b|\\b\\d+\\.\\d+\\b");
  private static final Set<String> EXACT = Set.of("money", "tariff", "ledger", "usage", "market");
  private static final Set<String> EMPTY_WORDS =
      Set.of("util", "utils", "common", "core", "impl", "service", "services", "manager", "helper");

  /// One package's use of another.
  record Use(String from, String to, String where) {
    String fromRoom() {
      return room(from);
    }

    String toRoom() {
      return room(to);
    }

    private static String room(String name) {
      String[] parts = name.split("\\.", -1);
      return parts.length < 2 ? "" : parts[1];
    }
  }

  /// A call that belongs into one place only.
  ///
  /// @param rooms where it may stand
  record Forbidden(Pattern call, Set<String> rooms, String instead) {}

  static final List<Forbidden> FORBIDDEN =
      List.of(
          new Forbidden(
              Pattern.compile(
                  "\\bSystem\\.(currentTimeMillis|nanoTime)\\b"
                      + "|\\b(Instant|LocalDate|LocalDateTime|ZonedDateTime|OffsetDateTime|Year"
                      + "|YearMonth)\\.now\\b|\\bClock\\.system(UTC|DefaultZone)\\b"),
              Set.of("kit"),
              "take faregate.kit.Clock by the constructor"),
          new Forbidden(
              Pattern.compile(
                  "\\bnew (Secure|Splittable)?Random\\b|\\bThreadLocalRandom\\b|\\bSecureRandom\\b"
                      + "|\\bMath\\.random\\b|\\bUUID\\.randomUUID\\b"),
              Set.of("kit"),
              "take faregate.kit.RandomSource by the constructor"),
          new Forbidden(
              Pattern.compile("\\bSystem\\.(getenv|getProperty|getProperties)\\b"),
              Set.of("kit"),
              "take faregate.kit.Environment by the constructor"),
          new Forbidden(
              Pattern.compile("\\bSystem\\.(out|err|in)\\b|\\.printStackTrace\\b"),
              Set.of("cli", "prove"),
              "log by SLF4J, or return what is to be said"),
          new Forbidden(
              Pattern.compile("\\b(System\\.exit|Runtime\\.getRuntime\\(\\)\\.(exit|halt))\\b"),
              Set.of("cli", "prove"),
              "return or throw; only the command line leaves the process"));

  /// The uses that the sources name: imports and fully qualified names.
  static List<Use> named(List<Source> sources) {
    List<Use> uses = new ArrayList<>();
    for (Source source : sources) {
      source
          .inCode(NAME)
          .filter(hit -> !hit.text().equals(source.packageName()))
          .forEach(hit -> uses.add(new Use(source.packageName(), hit.text(), hit.where())));
    }
    return uses;
  }

  List<String> strangers() {
    return sources.stream()
        .filter(source -> !table.knows(source.room()))
        .map(source -> source.path() + ": no row of ARCHITECTURE.md names this room; add one")
        .toList();
  }

  List<String> forbiddenImports() {
    return uses.stream()
        .filter(use -> table.knows(use.fromRoom()) && !use.toRoom().isEmpty())
        .filter(use -> !table.allows(use.fromRoom(), use.toRoom()))
        .map(
            use ->
                "%s: %s may not import %s; its row in ARCHITECTURE.md allows %s"
                    .formatted(
                        use.where(),
                        use.fromRoom(),
                        use.toRoom(),
                        new TreeSet<>(table.mayImport().getOrDefault(use.fromRoom(), Set.of()))))
        .distinct()
        .toList();
  }

  /// Rooms that could move money for a provider's sake without being a story of their own.
  List<String> bothMoneyAndProvider() {
    Set<String> free = Set.of("gateway", "reconcile", "cli", "prove", "ledger", "provider");
    Map<String, Map<String, String>> seen = new TreeMap<>();
    for (Use use : uses) {
      if (use.toRoom().equals("ledger") || use.toRoom().equals("provider")) {
        seen.computeIfAbsent(use.fromRoom(), _ -> new TreeMap<>())
            .putIfAbsent(use.toRoom(), use.where());
      }
    }
    return seen.entrySet().stream()
        .filter(entry -> entry.getValue().size() == 2 && !free.contains(entry.getKey()))
        .map(
            entry ->
                entry.getKey()
                    + " imports both ledger and provider, which only gateway and reconcile may: "
                    + entry.getValue().values())
        .toList();
  }

  /// Circles between packages, each as the places that close it.
  List<String> circles() {
    Map<String, Map<String, String>> edges = new TreeMap<>();
    Set<String> packages = new TreeSet<>(sources.stream().map(Source::packageName).toList());
    for (Use use : uses) {
      if (packages.contains(use.to()) && !use.from().equals(use.to())) {
        edges.computeIfAbsent(use.from(), _ -> new TreeMap<>()).putIfAbsent(use.to(), use.where());
      }
    }
    List<String> circles = new ArrayList<>();
    edges.forEach(
        (from, targets) ->
            targets.forEach(
                (to, where) -> {
                  List<String> back = path(edges, to, from);
                  if (back != null && from.compareTo(to) < 0) {
                    circles.add("%s: %s uses %s, and back: %s".formatted(where, from, to, back));
                  }
                }));
    return circles;
  }

  private static @Nullable List<String> path(
      Map<String, Map<String, String>> edges, String from, String to) {
    Map<String, List<String>> ways = new LinkedHashMap<>(Map.of(from, List.of()));
    Deque<String> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      String here = open.remove();
      for (Map.Entry<String, String> edge : edges.getOrDefault(here, Map.of()).entrySet()) {
        if (!ways.containsKey(edge.getKey())) {
          List<String> way = new ArrayList<>(ways.getOrDefault(here, List.of()));
          way.add(edge.getValue());
          ways.put(edge.getKey(), way);
          open.add(edge.getKey());
        }
      }
    }
    return ways.get(to);
  }

  List<String> straySql() {
    return sources.stream()
        .filter(source -> !source.room().equals("store") && !source.className().endsWith("Sql"))
        .flatMap(source -> source.inLiterals(SQL))
        .map(hit -> hit.where() + ": SQL belongs into store or a class named …Sql")
        .toList();
  }

  List<String> floats() {
    return sources.stream()
        .filter(source -> EXACT.contains(source.room()))
        .flatMap(source -> source.inCode(FLOAT))
        .map(
            hit -> hit.where() + ": '" + hit.text() + "' is inexact; use long, Nanos or BigDecimal")
        .toList();
  }

  List<String> forbiddenCalls() {
    return FORBIDDEN.stream().flatMap(this::breaches).toList();
  }

  private Stream<String> breaches(Forbidden rule) {
    return sources.stream()
        .filter(source -> !rule.rooms().contains(source.room()))
        .flatMap(source -> source.inCode(rule.call()))
        .map(hit -> "%s: %s: %s".formatted(hit.where(), hit.text(), rule.instead()));
  }

  List<String> emptyNames() {
    return packages().stream()
        .filter(name -> Stream.of(name.split("\\.", -1)).anyMatch(EMPTY_WORDS::contains))
        .map(name -> name + ": name the package after what it holds")
        .toList();
  }

  List<String> unmarkedPackages() {
    Pattern marked = Pattern.compile("@NullMarked\\s+package\\b");
    Set<String> pages = new TreeSet<>();
    sources.stream()
        .filter(source -> source.className().equals("package-info"))
        .filter(source -> source.inCode(marked).findAny().isPresent())
        .forEach(source -> pages.add(source.packageName()));
    return packages().stream()
        .filter(name -> !pages.contains(name))
        .map(name -> name + ": needs a package-info.java with @NullMarked")
        .toList();
  }

  private Collection<String> packages() {
    return new TreeSet<>(sources.stream().map(Source::packageName).toList());
  }
}
