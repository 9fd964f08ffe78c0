package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes on one PostgreSQL, of each release, with shortened times.
@ParameterizedClass
@ValueSource(strings = {PostgresServers.OLD, PostgresServers.NEW})
class MembershipTest {
  private static final NodeSettings QUICK = new NodeSettings(ms(50), ms(500), ms(1000));
  private final List<Membership> nodes = new ArrayList<>();
  private final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final Queue<Connection> cuttables = new ConcurrentLinkedQueue<>();
  private final String url;
  private volatile boolean away;

  MembershipTest(String release) {
    url = PostgresServers.shared(release).database().url() + "?user=postgres";
  }

  @AfterEach
  void close() {
    nodes.forEach(node -> node.leave(true));
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  private Membership join() throws SQLException {
    return join(this::connect);
  }

  private Membership join(Membership.Connecting connecting) throws SQLException {
    Membership node = Membership.join(connecting, Clock.system(), RandomSource.secure(), QUICK);
    nodes.add(node);
    return node;
  }

  /// Writes down what it was told.
  private Tenant tenant(String name) {
    return new Tenant() {
      @Override
      public void recover(int node, long beat) {
        events.add(name + " recovers " + node);
      }

      @Override
      public void leave() {
        events.add(name + " leaves");
      }

      @Override
      public void enter(int node) {
        events.add(name + " enters " + node);
      }
    };
  }

  @Test
  void numbersAreTheSmallestFreeOnesAndIdsNeverFall() throws SQLException {
    Membership one = join();
    Membership two = join();
    Membership three = join();
    assertThat(List.of(one.node(), two.node(), three.node())).containsExactly(1, 2, 3);
    long last = two.ids().next();
    two.leave(true);
    Membership again = join();
    assertThat(again.node()).isEqualTo(2);
    assertThat(again.ids().next()).isGreaterThan(last);
  }

  @Test
  void manyWhoJoinAtOnceGetDifferentNumbers() {
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      joining.add(CompletableFuture.supplyAsync(this::joinUnchecked));
    }
    joining.forEach(each -> nodes.add(each.join()));
    assertThat(nodes)
        .extracting(Membership::node)
        .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
  }

  private Membership joinUnchecked() {
    try {
      return Membership.join(this::connect, Clock.system(), RandomSource.secure(), QUICK);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSilentNodeIsRecoveredByOneOtherAndItsNumberIsFree() throws SQLException {
    Membership silent = join();
    join().attend(tenant("two"));
    join().attend(tenant("three"));
    silent.leave(false);
    await().atMost(ms(5000)).until(() -> !events.isEmpty());
    await().pollDelay(ms(1500)).until(() -> true);
    assertThat(events).hasSize(1).first().asString().endsWith(" recovers 1");
    assertThat(join().node()).isEqualTo(1);
  }

  @Test
  void aNodeThatCannotBeatFallsSilentAndLeavesItsNumberWhenItComesBack() throws SQLException {
    Membership cut = join(this::cuttable);
    cut.attend(tenant("cut"));
    Membership other = join();
    other.attend(tenant("other"));
    long term = cut.term();
    assertThat(term).isNotEqualTo(Presence.AWAY);

    cut();
    await().atMost(ms(3000)).until(() -> cut.term() == Presence.AWAY);
    assertThat(events).as("silent before it is dead").isEmpty();
    assertThat(cut.trouble()).contains("falls silent");
    await().atMost(ms(3000)).until(() -> events.contains("other recovers 1"));
    assertThat(other.term()).isNotEqualTo(Presence.AWAY);
    await().atMost(ms(3000)).until(() -> other.recoveries() == 1);

    away = false;
    await().atMost(ms(3000)).until(() -> cut.term() != Presence.AWAY);
    assertThat(cut.term()).isNotEqualTo(term);
    assertThat(events).containsSubsequence("other recovers 1", "cut leaves", "cut enters 1");
  }

  /// Nobody can tell the others' silence from its own.
  @Test
  void aDatabaseThatWasAwayKillsNobody() throws SQLException {
    Membership one = join(this::cuttable);
    one.attend(tenant("one"));
    Membership two = join(this::cuttable);
    two.attend(tenant("two"));
    long term = one.term();
    cut();
    await().pollDelay(ms(1500)).until(() -> one.term() == Presence.AWAY);
    away = false;
    await().atMost(ms(2000)).until(() -> one.term() == term && two.term() != Presence.AWAY);
    await().pollDelay(ms(1500)).until(() -> true);
    assertThat(events).isEmpty();
  }

  @Test
  void oneThatCannotBeRecoveredKeepsNobodyElseWaiting() throws SQLException {
    Membership one = join();
    Membership two = join();
    Membership three = join();
    Membership other = join();
    other.attend(
        new Tenant() {
          @Override
          public void recover(int node, long beat) {
            if (node == 1) {
              throw new IllegalStateException("never");
            }
            events.add("recovered " + node);
          }

          @Override
          public void leave() {}

          @Override
          public void enter(int node) {}
        });
    for (Membership each : List.of(one, two, three)) {
      each.leave(false);
    }
    await().atMost(ms(5000)).until(() -> other.recoveries() == 2);
    assertThat(events).containsExactlyInAnyOrder("recovered 2", "recovered 3");
  }

  @Test
  void whatFailsIsTriedAgain() throws SQLException {
    Membership silent = join();
    Membership other = join();
    other.attend(
        new Tenant() {
          private int tries;

          @Override
          public void recover(int node, long beat) {
            events.add("try");
            if (++tries < 3) {
              throw new IllegalStateException("not yet");
            }
          }

          @Override
          public void leave() {
            events.add("leave");
          }

          @Override
          public void enter(int node) {
            events.add("enter " + node);
            if (++tries < 5) {
              throw new IllegalStateException("not yet");
            }
          }
        });
    silent.leave(false);
    await().atMost(ms(5000)).until(() -> other.recoveries() == 1);
    assertThat(events).containsExactly("try", "try", "try");
    events.clear();
    other.lost();
    assertThat(other.term()).isEqualTo(Presence.AWAY);
    await().atMost(ms(3000)).until(() -> other.term() != Presence.AWAY);
    assertThat(events).containsExactly("leave", "enter 1", "enter 1");
  }

  /// A connection that [#cut] ends.
  private Connection cuttable() throws SQLException {
    if (away) {
      throw new SQLException("cut off");
    }
    Connection connection = connect();
    cuttables.add(connection);
    return connection;
  }

  private void cut() throws SQLException {
    away = true;
    for (Connection each : cuttables) {
      each.abort(Runnable::run);
    }
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
