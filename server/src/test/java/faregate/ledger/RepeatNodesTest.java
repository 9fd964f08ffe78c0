package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Clients' keys on three nodes that share a PostgreSQL.
class RepeatNodesTest {
  private static final int NODES = 3;
  private static final int ROUNDS = 10;
  private static final List<PostgresStore> STORES = new ArrayList<>();
  private static final List<Rig> RIGS = new ArrayList<>();

  @BeforeAll
  static void open() {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    for (int node = 0; node < NODES; node++) {
      PostgresStore store = new PostgresStore(settings, Clock.system());
      STORES.add(store);
      RIGS.add(new Rig(store, Clock.system(), LedgerSettings.DEFAULT));
    }
  }

  @AfterAll
  static void close() {
    RIGS.getFirst().assertClean();
    RIGS.forEach(Rig::close);
    STORES.forEach(PostgresStore::close);
  }

  private static CompletableFuture<HoldOutcome> hold(
      Rig node, CallId id, WalletId who, String key) {
    return node.holdLater(node.command(id, who, 10, 0).named(new RepeatKey(7, key, "print")));
  }

  @Test
  void ofManyCallsOnAllNodesOneIsHeld() {
    for (int round = 0; round < ROUNDS; round++) {
      WalletId wallet = RIGS.getFirst().walletWith(10_000);
      List<CompletableFuture<HoldOutcome>> outcomes = new ArrayList<>();
      for (int call = 0; call < 20; call++) {
        for (Rig node : RIGS) {
          outcomes.add(hold(node, node.newCall(), wallet, "k"));
          outcomes.add(node.holdLater(node.command(node.newCall(), wallet, 10, 0)));
        }
      }
      List<HoldOutcome> all = outcomes.stream().map(Rig::await).toList();
      assertThat(all)
          .filteredOn(HoldOutcome.RepeatedKey.class::isInstance)
          .as("round %d: %s", round, all)
          .hasSize(20 * NODES - 1);
      assertThat(all)
          .as("the others are held")
          .filteredOn(HoldOutcome.Held.class::isInstance)
          .hasSize(20 * NODES + 1);
    }
  }

  /// A wallet without a lot has no row that makes the nodes wait for each other, but for the key's.
  @Test
  void aHoldOfNothingIsMadeOnceToo() {
    for (int round = 0; round < ROUNDS; round++) {
      WalletId wallet = RIGS.getFirst().newWallet();
      List<CompletableFuture<HoldOutcome>> outcomes = new ArrayList<>();
      for (Rig node : RIGS) {
        HoldCommand command = node.command(node.newCall(), wallet, 0, 0);
        outcomes.add(node.holdLater(command.named(new RepeatKey(7, "k", "print"))));
      }
      assertThat(outcomes.stream().map(Rig::await))
          .filteredOn(HoldOutcome.Held.class::isInstance)
          .hasSize(1);
    }
  }

  @Test
  void anotherNodeTellsTheFirstCallAndTakesTheKeyAfterAVoid() {
    Rig one = RIGS.getFirst();
    Rig two = RIGS.getLast();
    WalletId wallet = one.walletWith(100);
    CallRef first = new CallRef(one.newCall(), wallet);
    Rig.await(hold(one, first.id(), wallet, "k"));
    assertThat(Rig.await(hold(two, two.newCall(), wallet, "k")))
        .isEqualTo(new HoldOutcome.RepeatedKey(first.id(), null, true));
    one.release(first);
    CallRef second = new CallRef(two.newCall(), wallet);
    assertThat(Rig.await(hold(two, second.id(), wallet, "k"))).isInstanceOf(HoldOutcome.Held.class);
    two.settle(second, 4);
    assertThat(Rig.await(hold(one, one.newCall(), wallet, "k")))
        .isEqualTo(new HoldOutcome.RepeatedKey(second.id(), Nanos.of(4), true));
  }
}
