package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.kit.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server must never go mute.
class LogSetupTest {
  private static final Logger LOG = LoggerFactory.getLogger(LogSetupTest.class);
  @TempDir private Path folder;

  @AfterEach
  void toStandardErrorAgain() {
    LogSetup.apply(Config.defaults().log());
  }

  private static Config.Log to(Path file) {
    return new Config.Log(Config.LogLevel.INFO, Config.LogFormat.JSON, file);
  }

  private static void assertLogged(String words, Path file) {
    LOG.info(words);
    await().untilAsserted(() -> assertThat(Files.readString(file)).contains(words));
  }

  @Test
  void aFileThatCannotBeWrittenIsNamedAndTheOldOneKept() throws IOException {
    Path file = folder.resolve("server.log");
    LogSetup.apply(to(file));
    assertLogged("the first line", file);
    // Also root cannot write below a file.
    Path blocked = Files.writeString(folder.resolve("no folder"), "").resolve("server.log");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> LogSetup.apply(to(blocked)))
          .isInstanceOf(SettingsException.class)
          .hasMessageStartingWith("log.file: " + blocked + " cannot be written.");
    }
    assertLogged("the second line", file);
    Files.delete(folder.resolve("no folder"));
    LogSetup.apply(to(blocked));
    assertLogged("the remedy helps", blocked);
  }

  /// As each reload does.
  @Test
  void theSameFileAgainIsLoggedToFurther() throws IOException {
    Path file = folder.resolve("again.log");
    LogSetup.apply(to(file));
    LogSetup.apply(to(file));
    assertLogged("after the first reload", file);
    LogSetup.apply(new Config.Log(Config.LogLevel.WARN, Config.LogFormat.JSON, file));
    LOG.info("too little to tell");
    LOG.warn("enough to tell");
    await().untilAsserted(() -> assertThat(Files.readString(file)).contains("enough to tell"));
    assertThat(Files.readString(file)).doesNotContain("too little");
    Path other = folder.resolve("other.log");
    LogSetup.apply(to(other));
    assertLogged("elsewhere", other);
    LogSetup.apply(to(file));
    assertLogged("back", file);
  }
}
