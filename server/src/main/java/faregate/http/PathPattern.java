package faregate.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A path with holes: `/a/{name}/b` takes one segment, `/a/{rest...}` all that is left (one segment
/// at least).
public final class PathPattern {
  private final String text;
  private final List<String> segments;
  private final boolean exact;
  private final boolean open;

  private PathPattern(String text, List<String> segments) {
    this.text = text;
    this.segments = segments;
    this.exact = segments.stream().noneMatch(PathPattern::isHole);
    this.open = !segments.isEmpty() && segments.getLast().endsWith("...}");
  }

  /// @throws IllegalArgumentException when it does not start with a slash, or the rest is not last
  public static PathPattern of(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("the route '" + text + "' must start with '/'");
    }
    List<String> segments = List.of(text.substring(1).split("/", -1));
    for (int at = 0; at < segments.size() - 1; at++) {
      if (segments.get(at).endsWith("...}")) {
        throw new IllegalArgumentException("in '" + text + "' only the last part can be '...'");
      }
    }
    return new PathPattern(text, segments);
  }

  /// Whether it has no holes.
  public boolean isExact() {
    return exact;
  }

  /// How it ranks among patterns that fit the same path: segment by segment, a literal comes before
  /// a hole and a hole before the rest. The greater text comes first.
  String rank() {
    StringBuilder rank = new StringBuilder();
    for (String segment : segments) {
      rank.append(isHole(segment) ? (segment.endsWith("...}") ? '1' : '2') : '3');
    }
    return rank.toString();
  }

  /// @return what the holes took, null when the path does not fit
  @Nullable Map<String, String> match(ParsedPath path) {
    List<String> parts = path.segments();
    if (open ? parts.size() < segments.size() : parts.size() != segments.size()) {
      return null;
    }
    Map<String, String> taken = exact ? Map.of() : new HashMap<>();
    for (int at = 0; at < segments.size(); at++) {
      String segment = segments.get(at);
      if (!isHole(segment)) {
        if (!segment.equals(parts.get(at))) {
          return null;
        }
      } else if (segment.endsWith("...}")) {
        String rest = String.join("/", new ArrayList<>(parts.subList(at, parts.size())));
        if (rest.isEmpty()) {
          return null;
        }
        taken.put(segment.substring(1, segment.length() - 4), rest);
      } else if (parts.get(at).isEmpty()) {
        return null;
      } else {
        taken.put(segment.substring(1, segment.length() - 1), parts.get(at));
      }
    }
    return taken;
  }

  private static boolean isHole(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PathPattern that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
