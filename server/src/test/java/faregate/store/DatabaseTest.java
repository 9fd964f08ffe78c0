package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.kit.Clock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
  @TempDir Path folder;

  private Database open() {
    return Database.openSqlite(folder.resolve("faregate.db"), Clock.system());
  }

  private static int insert(Handle handle, long number) {
    return handle.execute("INSERT INTO node (number, beat, ids) VALUES (?, 0, 0)", number);
  }

  private static long nodes(Handle handle) {
    return handle.createQuery("SELECT count(*) FROM node").mapTo(Long.class).one();
  }

  @Test
  void keepsWhatWasWritten() {
    try (Database database = open()) {
      assertThat(database.<Integer>write(handle -> insert(handle, 9))).isEqualTo(1);
      assertThat(database.<Long>read(DatabaseTest::nodes)).isEqualTo(2);
    }
    try (Database database = open()) {
      assertThat(database.<Long>read(DatabaseTest::nodes)).isEqualTo(2);
    }
  }

  @Test
  void rollsBackATaskThatThrowsAndGoesOn() {
    try (Database database = open()) {
      assertThatThrownBy(
              () ->
                  database.write(
                      handle -> {
                        insert(handle, 9);
                        throw new IllegalStateException("no");
                      }))
          .hasMessage("no");
      assertThat(database.<Long>read(DatabaseTest::nodes)).isEqualTo(1);
      assertThat(database.<Integer>write(handle -> insert(handle, 9))).isEqualTo(1);
    }
  }

  @Test
  void isDurableInEveryCommit() {
    try (Database database = open()) {
      assertThat(
              database.<Integer>write(
                  handle -> handle.createQuery("PRAGMA synchronous").mapTo(Integer.class).one()))
          .isEqualTo(2);
    }
  }

  @Test
  void refusesASecondOwner() {
    try (Database _ = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(DatabaseInUseException.class)
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid())
          .hasMessageContaining("stop that server");
    }
    open().close();
  }

  @Test
  void readersCannotWrite() {
    try (Database database = open()) {
      assertThatThrownBy(() -> database.read(handle -> insert(handle, 9)))
          .hasMessageContaining("readonly");
    }
  }

  @Test
  void writesWithinWritesAreRefusedInsteadOfWaitingForEver() {
    try (Database database = open()) {
      assertThatThrownBy(() -> database.write(_ -> database.write(handle -> insert(handle, 9))))
          .hasMessageContaining("pass the handle on");
    }
  }

  @Test
  void servesManyVirtualThreads() {
    try (Database database = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 500; i++) {
        long number = 10L + i;
        threads.execute(
            () -> {
              database.write(handle -> insert(handle, number));
              assertThat(database.<Long>read(DatabaseTest::nodes)).isGreaterThan(1);
            });
      }
      threads.close();
      assertThat(database.<Long>read(DatabaseTest::nodes)).isEqualTo(501);
    }
  }

  @Test
  void answersAfterItIsClosed() {
    Database database = open();
    database.close();
    CompletableFuture<Integer> late = database.writeLater(handle -> insert(handle, 9));
    assertThat(late).isCompletedExceptionally();
  }

  @Test
  void givesHigherIdsAfterARestart() {
    long before;
    try (Database database = open()) {
      before = database.ids().next();
    }
    try (Database database = open()) {
      assertThat(database.ids().next()).isGreaterThan(before);
    }
  }

  @Test
  void backsUpWhileServing() {
    Path copy = folder.resolve("copy.db");
    try (Database database = open()) {
      database.write(handle -> insert(handle, 9));
      database.backup(copy);
      database.write(handle -> insert(handle, 10));
      assertThatThrownBy(() -> database.backup(copy)).hasMessageContaining("no backup");
    }
    try (Database database = Database.openSqlite(copy, Clock.system())) {
      assertThat(database.<Long>read(DatabaseTest::nodes)).isEqualTo(2);
    }
    assertThat(Files.exists(folder.resolve("copy.db.partial"))).isFalse();
  }
}
