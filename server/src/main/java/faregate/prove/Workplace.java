package faregate.prove;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Where a proof puts its files, and what it leaves behind: nothing that runs, and no file either,
/// unless it is to be kept.
public final class Workplace implements AutoCloseable {
  private static final int TRIES_MAX = 50;
  private static final int STEP_MILLIS = 100;

  private final Path folder;
  private boolean kept;

  private Workplace(Path folder) {
    this.folder = folder;
  }

  public static Workplace make() throws IOException {
    return new Workplace(Files.createTempDirectory("faregate-prove"));
  }

  public Path folder() {
    return folder;
  }

  /// Leaves the files, if there are any, for people to look at.
  ///
  /// @return whether there are
  public boolean keep() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      kept = files.findAny().isPresent();
    }
    return kept;
  }

  /// Ends every process that this one started, and removes the files.
  @Override
  public void close() {
    for (int tries = 1; !isEmpty(); tries++) {
      if (tries == TRIES_MAX) {
        throw new ProofException("not everything in " + folder + " could be removed");
      }
      pause();
    }
  }

  private boolean isEmpty() {
    List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
    children.forEach(ProcessHandle::destroyForcibly);
    return children.isEmpty() && (kept || delete());
  }

  /// A database server that was killed may still be writing.
  private boolean delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (IOException | UncheckedIOException _) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(STEP_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
