package faregate.prove;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What has to be tried before a proof may say that all is well.
class ProofTest {
  private static final Verdict CLEAN =
      new Verdict(9, 9, 0, 0, 0, 0, Map.of(), Map.of(), 0, 0, 0, 0, 0, List.of());
  private static final List<Mishap.Kind> PLANNED =
      List.of(Mishap.Kind.KILL, Mishap.Kind.LATE_BATCH, Mishap.Kind.KILL, Mishap.Kind.STOP);

  private static Proof.Result result(int months, Mishap.Kind... done) {
    return new Proof.Result(
        CLEAN, Stream.of(done).map(kind -> new Mishap(kind, Mishap.ALL, 1, 2)).toList(), months);
  }

  @Test
  void oneOfEachPlannedKindAndAMonthsEndAreNeeded() {
    assertThat(
            result(2, Mishap.Kind.STOP, Mishap.Kind.LATE_BATCH, Mishap.Kind.KILL).untried(PLANNED))
        .isEmpty();
    assertThat(result(2, Mishap.Kind.STOP, Mishap.Kind.CUT, Mishap.Kind.KILL).untried(PLANNED))
        .hasValue("no " + Mishap.Kind.LATE_BATCH.words());
    assertThat(
            result(1, Mishap.Kind.STOP, Mishap.Kind.LATE_BATCH, Mishap.Kind.KILL).untried(PLANNED))
        .hasValue("no month's end");
  }

  @ParameterizedTest
  @CsvSource({"120, , true", "119, , false", "120, drop-charge, false"})
  void onlyWholeRunsNeedAllOfThem(int seconds, String sabotage, boolean whole) {
    ProofSettings settings =
        new ProofSettings(
            Store.SQLITE,
            1,
            Duration.ofSeconds(seconds),
            7,
            null,
            sabotage == null ? null : Sabotage.parse(sabotage).orElseThrow());
    assertThat(settings.isWhole()).isEqualTo(whole);
  }
}
