package faregate.kit;

import java.io.Serial;

/// A setting that cannot be used. The message names the file, the line, the key and the remedy, and
/// is meant to be shown to the operator as it is. It never holds the value of a secret.
public final class SettingsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public SettingsException(String message) {
    super(message);
  }
}
