package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The defaults: a beat each second, dead after 30 s, a gap of more than 7.5 s begins anew.
class WatchTest {
  private final Watch watch = new Watch(NodeSettings.DEFAULT);

  private List<Watch.Row> look(long second, Watch.Row... rows) {
    long nanos = TimeUnit.SECONDS.toNanos(second);
    return watch.look(List.of(rows), nanos, nanos);
  }

  private static Watch.Row row(int number, long holder, long beat) {
    return new Watch.Row(number, holder, beat);
  }

  @Test
  void aBeatThatStandsStillFor30SecondsIsDeadAndAMovingOneLives() {
    for (long second = 0; second < 30; second++) {
      assertThat(look(second, row(2, 7, 5), row(3, 8, second))).isEmpty();
    }
    assertThat(look(30, row(2, 7, 5), row(3, 8, 30))).containsExactly(row(2, 7, 5));
  }

  @Test
  void oneMoveBeginsTheTimeAnew() {
    for (long second = 0; second < 59; second++) {
      assertThat(look(second, row(2, 7, second < 29 ? 5 : 6))).isEmpty();
    }
    assertThat(look(59, row(2, 7, 6))).hasSize(1);
  }

  @Test
  void anotherHolderOfTheNumberIsAnotherNode() {
    for (long second = 0; second < 45; second++) {
      assertThat(look(second, row(2, second < 20 ? 7 : 8, 5))).isEmpty();
    }
  }

  @Test
  void aFailedLookBeginsAnew() {
    for (long second = 0; second < 29; second++) {
      look(second, row(2, 7, 5));
    }
    watch.interrupted();
    for (long second = 30; second < 60; second++) {
      assertThat(look(second, row(2, 7, 5))).isEmpty();
    }
    assertThat(look(60, row(2, 7, 5))).hasSize(1);
  }

  @Test
  void aWatcherThatWasStoppedBeginsAnew() {
    look(0, row(2, 7, 5));
    assertThat(look(40, row(2, 7, 5))).isEmpty();
    for (long second = 41; second < 70; second++) {
      assertThat(look(second, row(2, 7, 5))).isEmpty();
    }
    assertThat(look(70, row(2, 7, 5))).hasSize(1);
  }

  /// What was seen is counted from the end of the first look to the beginning of the last.
  @Test
  void slowLooksCountAgainstTheWatcher() {
    Watch quick = new Watch(new NodeSettings(ms(100), ms(500), ms(1000)));
    List<Watch.Row> rows = List.of(row(2, 7, 5));
    quick.look(rows, 0, ms(200).toNanos());
    for (long at = 400; at <= 1100; at += 100) {
      assertThat(quick.look(rows, ms(at).toNanos(), ms(at + 50).toNanos())).isEmpty();
    }
    assertThat(quick.look(rows, ms(1200).toNanos(), ms(1250).toNanos())).hasSize(1);
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
