package faregate.store;

import java.nio.file.Path;

/// The database file belongs to another process, or is open in this one.
public final class DatabaseInUseException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  DatabaseInUseException(Path file, String pid) {
    super(
        file
            + " is in use by process "
            + (pid.isEmpty() ? "(unknown)" : pid)
            + "; stop that server, or choose another data folder");
  }
}
