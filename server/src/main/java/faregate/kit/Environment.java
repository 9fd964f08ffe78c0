package faregate.kit;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the machine says about this process: its environment variables. The only place that reads
/// them.
public final class Environment {
  private final Map<String, String> variables;

  private Environment(Map<String, String> variables) {
    this.variables = new TreeMap<>(variables);
  }

  /// The variables of this process.
  public static Environment system() {
    return of(System.getenv());
  }

  /// These variables and no others.
  public static Environment of(Map<String, String> variables) {
    return new Environment(variables);
  }

  /// @return the value, or null when it is absent or blank
  public @Nullable String variable(String name) {
    String value = variables.get(name);
    return value == null || value.isBlank() ? null : value;
  }

  /// Whether it is there, but blank: for what must not be taken for absent.
  public boolean isBlank(String name) {
    String value = variables.get(name);
    return value != null && value.isBlank();
  }
}
