package faregate.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// How to run what refuses to run as root, as PostgreSQL does.
///
/// In a user namespace root is nobody, and still owns its files. Where the machine forbids that, as
/// many containers do, the process becomes another user, who has to be let in to its files.
final class Unprivileged {
  private static final int NOBODY = 65_534;
  private static final String OWNER = "unix:uid";

  private Unprivileged() {}

  /// What to put before a command; nothing where this process is no root's.
  ///
  /// @param reads a folder that the command has to read
  /// @param writes a folder that it has to write
  static List<String> command(Path reads, Path writes) throws IOException, InterruptedException {
    if ((Integer) Files.getAttribute(writes, OWNER) != 0) {
      return List.of();
    }
    List<String> namespace = List.of("unshare", "-U");
    if (works(namespace)) {
      return namespace;
    }
    String id = Integer.toString(NOBODY);
    List<String> other = List.of("setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups");
    if (works(other)) {
      Files.setAttribute(writes, OWNER, NOBODY);
      open(Objects.requireNonNull(writes.toAbsolutePath().getParent()));
      open(reads);
      return other;
    }
    throw new ProofException(
        "PostgreSQL refuses to run as root, and neither unshare -U nor setpriv works here: run"
            + " prove as another user, or name an empty database by --database");
  }

  /// Lets others through a folder.
  private static void open(Path folder) throws IOException {
    Set<PosixFilePermission> all = new HashSet<>(Files.getPosixFilePermissions(folder));
    all.add(PosixFilePermission.OTHERS_EXECUTE);
    Files.setPosixFilePermissions(folder, all);
  }

  private static boolean works(List<String> wrapper) throws InterruptedException {
    List<String> command = new ArrayList<>(wrapper);
    command.add("true");
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException _) {
      return false;
    }
  }
}
