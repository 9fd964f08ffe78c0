package faregate.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The Python and JavaScript clients, each installed from its registry and run by its own script.
class ScriptsIT {
  private static final Path HERE = Path.of("").toAbsolutePath();

  @Test
  void pythonClientsWork() throws Exception {
    need("python3", "Install Python 3.9 or newer with its venv module (Debian: python3-venv).");
    Path venv = HERE.resolve("target/venv");
    Path python = venv.resolve("bin/python");
    if (!Files.exists(venv.resolve("bin/pip"))) {
      run(HERE, "python3", "-m", "venv", venv.toString());
    }
    run(HERE, python.toString(), "-m", "pip", "install", "-q", "-r", "python/requirements.txt");
    conform(HERE, python.toString(), "python/conformance.py");
  }

  @Test
  void javaScriptClientsWork() throws Exception {
    need("node", "Install Node.js 18 or newer with npm (Debian: nodejs, npm).");
    Path node = Files.createDirectories(HERE.resolve("target/node"));
    for (String file : new String[] {"package.json", "package-lock.json", "conformance.mjs"}) {
      Files.write(node.resolve(file), Files.readAllBytes(HERE.resolve("node").resolve(file)));
    }
    run(node, "npm", "ci", "--no-audit", "--no-fund");
    conform(node, "node", "conformance.mjs");
  }

  private static void conform(Path folder, String... command) throws Exception {
    try (RunningGate gate = RunningGate.start()) {
      ProcessBuilder script = new ProcessBuilder(command).directory(folder.toFile());
      script.environment().put("FAREGATE_URL", gate.url());
      script.environment().put("FAREGATE_TOKEN", gate.token());
      int status = script.inheritIO().start().waitFor();
      assertThat(status).as("%s; its failures are printed above", command[1]).isZero();
      gate.audit();
    }
  }

  /// Fails, or skips with the reason where a missing tool is allowed.
  private static void need(String tool, String remedy) throws InterruptedException {
    try {
      run(HERE, tool, "--version");
    } catch (IOException _) {
      String reason = tool + " is not on the path. " + remedy;
      if (Boolean.getBoolean("clients.required")) {
        throw new IllegalStateException(reason);
      }
      System.out.println("skipped: " + reason);
      abort(reason);
    }
  }

  private static void run(Path folder, String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), said).isZero();
  }
}
