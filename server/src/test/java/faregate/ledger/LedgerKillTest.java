package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 in the middle of load: nothing that was acknowledged is lost, nothing is left open, and
/// the books are clean.
///
/// Takes some 20 s. More rounds: `-Dfaregate.kill.rounds=60`.
class LedgerKillTest {
  private static final int ROUNDS = Integer.getInteger("faregate.kill.rounds", 5);
  private static final long CREDIT = 1_000_000_000_000L;

  @TempDir Path folder;

  @Test
  void nothingAcknowledgedIsLost() throws IOException, InterruptedException {
    long seed = Long.getLong("faregate.kill.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Path database = folder.resolve("ledger.db");
    List<WalletId> wallets = prepare(database);
    long held = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Path acknowledged = folder.resolve("acknowledged-" + round);
      Process process = start(database, acknowledged, seed + round, wallets);
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> Files.exists(acknowledged) && Files.size(acknowledged) > 0);
      Thread.sleep(random.nextInt(600));
      process.destroyForcibly().waitFor();
      held += compare(database, acknowledged, "seed " + seed + ", round " + round);
    }
    assertThat(held).as("calls that were acknowledged").isGreaterThan(100L * ROUNDS);
  }

  private List<WalletId> prepare(Path database) {
    try (LedgerStore store = new SqliteStore(database, Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      // One that is hot and rich, one that always runs out, some others.
      List<WalletId> wallets = new ArrayList<>();
      LongStream.of(CREDIT, 3000, CREDIT, CREDIT)
          .forEach(credit -> wallets.add(rig.walletWith(credit)));
      return wallets;
    }
  }

  private Process start(Path database, Path acknowledged, long seed, List<WalletId> wallets)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(KillLoad.class.getName(), database.toString()));
    command.addAll(List.of(acknowledged.toString(), Long.toString(seed)));
    wallets.forEach(wallet -> command.add(wallet.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  /// @return how many holds were acknowledged
  private static long compare(Path database, Path acknowledged, String round) throws IOException {
    try (LedgerStore store = new SqliteStore(database, Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      assertThat(rig.ledger.audit().wrong()).as(round).isNull();
      assertThat(rig.ledger.holdsOpen()).as(round).isZero();
      String text = Files.readString(acknowledged);
      long held = 0;
      for (String line : text.substring(0, text.lastIndexOf('\n')).split("\n", -1)) {
        String[] part = line.split(" ", -1);
        if (part.length == 3) {
          held += part[0].equals("held") ? 1 : 0;
          compare(
              rig, part[0], new CallId(Long.parseLong(part[1])), Long.parseLong(part[2]), round);
        }
      }
      return held;
    }
  }

  private static void compare(Rig rig, String what, CallId id, long amount, String round) {
    LedgerReads.Call call =
        rig.ledger
            .call(id)
            .orElseThrow(
                () -> new AssertionError(round + ": " + id + " was " + what + ", is lost"));
    Ending ending = java.util.Objects.requireNonNull(call.ended());
    switch (what) {
      case "held" -> assertThat(call.held().value()).as("%s: %s", round, id).isEqualTo(amount);
      case "settled" -> {
        assertThat(ending.charge().value()).as("%s: %s", round, id).isEqualTo(amount);
        assertThat(ending.estimated()).as("%s: %s", round, id).isFalse();
      }
      default -> assertThat(ending.reason()).as("%s: %s", round, id).isEqualTo("upstream_error");
    }
  }
}
