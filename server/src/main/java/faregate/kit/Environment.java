package faregate.kit;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the machine says about this process: its environment variables. The only place that reads
/// them.
public interface Environment {
  /// @return the value, or null when it is absent or blank
  @Nullable String variable(String name);

  /// The variables of this process.
  static Environment system() {
    return of(System.getenv());
  }

  /// These variables and no others.
  static Environment of(Map<String, String> variables) {
    Map<String, String> copy = new TreeMap<>(variables);
    return name -> {
      String value = copy.get(name);
      return value == null || value.isBlank() ? null : value;
    };
  }
}
