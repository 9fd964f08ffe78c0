package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows are found by an index, however the tables have grown.
class LedgerPlanTest {
  private static final int ROWS = 100_000;

  /// A plan is made once, on the empty tables of a new house, and kept: it must be fit for full
  /// ones. Without the writer's settings it would go through the whole table for ever.
  @ParameterizedTest
  @ValueSource(strings = {PostgresServers.OLD, PostgresServers.NEW})
  void aPlanThatWasMadeOnEmptyTablesIsFitForFullOnes(String release) throws SQLException {
    PostgresSettings settings = PostgresServers.shared(release).database();
    try (Connection writer = PostgresStore.connect(settings);
        Connection plain = PostgresStore.connect(settings);
        Statement writing = writer.createStatement();
        Statement other = plain.createStatement()) {
      SharedSql.prepare(writer);
      other.execute("SET plan_cache_mode = force_generic_plan");
      other.execute("VACUUM ANALYZE lot");
      List<Plan> plans = new ArrayList<>();
      for (String sql : SharedWriterSql.hotStatements(false)) {
        plans.add(new Plan(writing, sql));
      }
      Plan trap = new Plan(other, SharedWriterSql.hotStatements(false).getLast());
      other.execute(
          """
          INSERT INTO lot (bucket, id, wallet, kind, total, granted, pending, posted, starts,
            expires, ref)
          SELECT n % 256, n, n, 'GRANT', 1, 1, 0, 0, 0, 1, '' FROM generate_series(1, 2000) AS n
          """);
      for (Plan plan : plans) {
        assertThat(plan.explained())
            .contains("Index Scan")
            .doesNotContain("Seq Scan", "Hash Join", "Merge Join");
      }
      assertThat(trap.explained()).contains("Seq Scan on lot");
    }
  }

  /// Keys begin with the bucket, and these questions cannot name one.
  @ParameterizedTest
  @ValueSource(strings = {PostgresServers.OLD, PostgresServers.NEW})
  void oneCallAndASpanOfTimeAreFoundWithoutAPassOverTheTable(String release) throws SQLException {
    try (Connection connection = PostgresStore.connect(PostgresServers.shared(release).database());
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO finished (bucket, id, wallet, held, charge, loss, estimated, reason, print,
            ref, legs, facts, ended_at, fence, seq)
          SELECT n * 7 %% 256, n, n, 9, 5, 0, 0, 'posted', n, 'a reference of some length', 'legs',
            'facts of a call that are about as long as they are', n, 1, n / 100
          FROM generate_series(1, %d) AS n
          """
              .formatted(ROWS));
      statement.execute(
          """
          INSERT INTO incident (bucket, id, wallet, call, kind, amount, reason, made_at)
          SELECT bucket, id, wallet, id, 'exposure', 4, 'settle', 1 FROM finished
          """);
      statement.execute("VACUUM ANALYZE finished, incident");
      for (String sql :
          List.of(
              ReadSql.ENDED.formatted(Bucket.ALL).replace(":id", "4711"),
              ReadSql.ENDED.formatted("7").replace(":id", "4711"),
              HistorySql.CALLS.replace(":from", "4711").replace(":to", "5711"),
              HistorySql.INCIDENTS.replace(":from", "4711").replace(":to", "5711"))) {
        assertThat(new Plan(statement, sql).explained())
            .containsAnyOf("Index Scan", "Bitmap Index Scan")
            .doesNotContain("Seq Scan");
      }
    }
  }
}
