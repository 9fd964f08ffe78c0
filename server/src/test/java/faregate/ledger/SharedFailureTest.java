package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What PostgreSQL may answer a batch with though nothing is wrong with it: it is written all the
/// same, and answered once.
@ParameterizedClass
@ValueSource(strings = {PostgresServers.OLD, PostgresServers.NEW})
class SharedFailureTest {
  private final PostgresSettings settings;
  private PostgresStore store;
  private Rig rig;

  SharedFailureTest(String release) {
    settings = PostgresServers.shared(release).database();
  }

  @BeforeEach
  void open() {
    store = new PostgresStore(settings, Clock.system());
    rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    rig.assertClean();
    rig.close();
    store.close();
  }

  /// A sequence counts through rollbacks.
  @ParameterizedTest
  @CsvSource({"40001, 20", "40P01, 20", "55P03, 2", "57014, 2", "23514, 2", "23505, 2"})
  void aBatchThatFailsForAMomentIsRepeated(String state, int times) {
    WalletId wallet = rig.walletWith(1000);
    CallRef open = rig.held(wallet, 100);
    store.execute("CREATE SEQUENCE tries");
    store.execute(
        """
        CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF nextval(''tries'') <= %d THEN RAISE EXCEPTION USING ERRCODE = ''%s''; END IF;
          RETURN NULL; END'
        """
            .formatted(times, state));
    store.execute(
        "CREATE TRIGGER fails AFTER UPDATE ON fence FOR EACH ROW EXECUTE FUNCTION fails()");
    assertThat(rig.settle(open, 40)).isInstanceOf(EndOutcome.Ended.class);
    store.execute("DROP TRIGGER fails ON fence");
    assertThat(store.number("SELECT last_value FROM tries")).isGreaterThan(times);
    assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(40);
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isZero();
    assertThat(rig.ledger.state().canWrite()).isTrue();
  }

  /// Longer than it would be waited for a row.
  @Test
  void aCommitThatTakesLongIsAnsweredOnceAndHoldsUpNoOtherNode() {
    WalletId wallet = rig.walletWith(1000);
    CallRef elsewhere = rig.held(wallet, 100);
    slowly("1.5");
    try (PostgresStore other = new PostgresStore(settings, Clock.system());
        Rig second = new Rig(other, Clock.system(), LedgerSettings.DEFAULT)) {
      WalletId quick = second.walletWith(100);
      long began = System.nanoTime();
      CompletableFuture<HoldOutcome> slow =
          rig.holdLater(rig.command(rig.newCall(), wallet, 10, 0));
      await().until(() -> store.number(SLEEPING) == 1);
      assertThat(second.settle(second.held(quick, 0), 0)).isInstanceOf(EndOutcome.Ended.class);
      assertThat(second.settle(elsewhere, 30)).isInstanceOf(EndOutcome.Ended.class);
      assertThat(slow).succeedsWithin(Duration.ofSeconds(5)).isInstanceOf(HoldOutcome.Held.class);
      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)).isGreaterThan(1400);
      assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isEqualTo(10);
      assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(30);
    }
  }

  /// 57014, as a statement that took too long gets it.
  @Test
  void aBatchThatIsCancelledIsRepeated() {
    WalletId wallet = rig.walletWith(1000);
    slowly("3");
    CompletableFuture<HoldOutcome> hold = rig.holdLater(rig.command(rig.newCall(), wallet, 10, 0));
    await().until(() -> store.number(SLEEPING) == 1);
    store.execute(
        "CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL;"
            + " END'");
    store.execute(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND"
            + " datname = current_database()");
    assertThat(hold).succeedsWithin(Duration.ofSeconds(5)).isInstanceOf(HoldOutcome.Held.class);
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isEqualTo(10);
  }

  private static final String SLEEPING =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname ="
          + " current_database()";

  /// Holds of something take their time to be committed.
  private void slowly(String seconds) {
    store.execute(
        """
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(%s); RETURN NULL; END'
        """
            .formatted(seconds));
    store.execute(
        """
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON hold DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (new.held > 0) EXECUTE FUNCTION slow()
        """);
  }

  /// 55P03: somebody sits on the row that every batch of this node has to move.
  @Test
  void aFenceThatSomebodyLooksAtForAMomentLosesNoSettlement() throws SQLException {
    CallRef open = rig.held(rig.walletWith(100), 10);
    try (Connection sitting = PostgresStore.connect(settings);
        Statement statement = sitting.createStatement()) {
      sitting.setAutoCommit(false);
      statement.execute("SELECT * FROM fence FOR UPDATE");
      CompletableFuture<EndOutcome> settle =
          CompletableFuture.supplyAsync(() -> rig.settle(open, 5));
      await().until(() -> rig.ledger.state().unwritten() == 1);
      assertThat(settle).isNotDone();
      sitting.commit();
      assertThat(settle).succeedsWithin(Duration.ofSeconds(5)).isInstanceOf(EndOutcome.Ended.class);
    }
  }
}
