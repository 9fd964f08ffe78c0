package faregate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// One source file, with its comments blanked out.
///
/// @param path below the source folder, such as `faregate/kit/Json.java`
record Source(Path path, String text) {
  private static final Pattern COMMENT_OR_TEXT =
      Pattern.compile(
          "(?s)\"\"\".*?(?<!\\\\)\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\])+'"
              + "|(//[^\\n]*|/\\*.*?\\*/)");
  private static final Pattern LITERAL =
      Pattern.compile("(?s)\"\"\".*?(?<!\\\\)\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"");

  /// A place in a source file where something was found.
  record Hit(String where, String text) {}

  static List<Source> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .map(file -> read(folder, file))
          .toList();
    }
  }

  private static Source read(Path folder, Path file) {
    try {
      return new Source(folder.relativize(file), withoutComments(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String withoutComments(String text) {
    return COMMENT_OR_TEXT
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    found.group(1) == null
                        ? found.group()
                        : found.group().replaceAll("[^\\n]", " ")));
  }

  String packageName() {
    return path.getParent().toString().replace('/', '.');
  }

  String room() {
    return path.getNameCount() < 3 ? "" : path.getName(1).toString();
  }

  String className() {
    return path.getFileName().toString().replace(".java", "");
  }

  /// Finds a pattern in the code, string literals left out.
  Stream<Hit> inCode(Pattern pattern) {
    String code =
        LITERAL.matcher(text).replaceAll(found -> found.group().replaceAll("[^\\n]", " "));
    return hits(pattern, code);
  }

  /// Finds a pattern in string literals and text blocks.
  Stream<Hit> inLiterals(Pattern pattern) {
    return LITERAL
        .matcher(text)
        .results()
        .flatMap(
            literal ->
                pattern
                    .matcher(literal.group())
                    .results()
                    .map(found -> hit(literal.start() + found.start(), found.group())));
  }

  private Stream<Hit> hits(Pattern pattern, String in) {
    return pattern.matcher(in).results().map(found -> hit(found.start(), found.group()));
  }

  private Hit hit(int at, String found) {
    long line = 1 + IntStream.range(0, at).filter(i -> text.charAt(i) == '\n').count();
    return new Hit(path + ":" + line, found);
  }
}
