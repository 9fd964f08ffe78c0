package faregate.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import faregate.id.OfferId;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final OfferId OFFER = new OfferId("groq", "m");
  private static final OfferId OTHER = new OfferId("together", "m");

  private final HandClock clock = new HandClock();
  private final Health health = new Health(clock);

  @Test
  void whatIsNotKnownIsTrusted() {
    assertThat(health.isTrusted(OFFER)).isTrue();
    assertThat(health.claimTrial(OFFER)).isFalse();
    assertThat(health.cooling(OFFER)).isZero();
    assertThat(health.pace(OFFER)).isEqualTo(new Pace(0, 0, false));
  }

  @Test
  void theBreakerOpensAfterFiveFailuresInARow() {
    fail(4);
    assertThat(health.isTrusted(OFFER)).isTrue();
    fail(1);
    assertThat(health.isTrusted(OFFER)).isFalse();
    assertThat(health.isTrusted(OTHER)).isTrue();
  }

  @Test
  void aSuccessEndsTheRow() {
    fail(4);
    health.succeeded(OFFER, 10, 10);
    fail(4);
    assertThat(health.isTrusted(OFFER)).isTrue();
  }

  @Test
  void anOpenBreakerLetsOneTrialPassWhenItsRestIsOver() {
    fail(5);
    clock.pass(Duration.ofMillis(4_999));
    assertThat(health.claimTrial(OFFER)).isFalse();
    clock.pass(Duration.ofMillis(1));
    assertThat(health.claimTrial(OFFER)).isTrue();
    assertThat(health.claimTrial(OFFER)).isFalse();
    assertThat(health.isTrusted(OFFER)).isFalse();
    health.succeeded(OFFER, 10, 10);
    assertThat(health.isTrusted(OFFER)).isTrue();
  }

  @Test
  void aMereAnswerClosesATrialAndNothingElse() {
    fail(4);
    health.answered(OFFER);
    fail(1);
    assertThat(health.isTrusted(OFFER)).isFalse();
    health.answered(OFFER);
    assertThat(health.isTrusted(OFFER)).isFalse();
    clock.pass(Duration.ofSeconds(5));
    assertThat(health.claimTrial(OFFER)).isTrue();
    health.answered(OFFER);
    assertThat(health.isTrusted(OFFER)).isTrue();
    fail(4);
    assertThat(health.isTrusted(OFFER)).isTrue();
  }

  @Test
  void eachFailedTrialDoublesTheRestUpToABound() {
    fail(5);
    clock.pass(Duration.ofSeconds(5));
    for (long seconds : new long[] {10, 20, 40, 80, 160, 300, 300}) {
      assertThat(health.claimTrial(OFFER)).isTrue();
      health.failed(OFFER);
      clock.pass(Duration.ofSeconds(seconds).minusMillis(1));
      assertThat(health.claimTrial(OFFER)).as("after %s s", seconds).isFalse();
      clock.pass(Duration.ofMillis(1));
    }
    assertThat(health.claimTrial(OFFER)).isTrue();
  }

  @Test
  void aTrialThatNeverEndedIsLostAfterHalfAMinute() {
    fail(5);
    clock.pass(Duration.ofSeconds(5));
    assertThat(health.claimTrial(OFFER)).isTrue();
    clock.pass(Duration.ofSeconds(30));
    assertThat(health.claimTrial(OFFER)).isTrue();
  }

  @Test
  void callsThatLeftBeforeItOpenedDoNotLengthenTheRest() {
    fail(50);
    clock.pass(Duration.ofSeconds(5));
    assertThat(health.claimTrial(OFFER)).isTrue();
  }

  @Test
  void oneOfManyThreadsGetsTheTrial() throws InterruptedException {
    fail(5);
    clock.pass(Duration.ofSeconds(5));
    AtomicInteger claimed = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    Thread[] threads = new Thread[16];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          Thread.ofVirtual()
              .start(
                  () -> {
                    awaitQuietly(start);
                    if (health.claimTrial(OFFER)) {
                      claimed.incrementAndGet();
                    }
                  });
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(claimed).hasValue(1);
  }

  @Test
  void coolingEndsByItselfAndTheLongerWishCounts() {
    health.cool(OFFER, Duration.ofSeconds(30));
    health.cool(OFFER, Duration.ofSeconds(10));
    assertThat(health.cooling(OFFER)).isEqualTo(Duration.ofSeconds(30));
    assertThat(health.isTrusted(OFFER)).isTrue();
    clock.pass(Duration.ofSeconds(30));
    assertThat(health.cooling(OFFER)).isZero();
  }

  @Test
  void noMoreThanAnHourOfCoolingIsBelieved() {
    health.cool(OFFER, Duration.ofDays(365_000));
    assertThat(health.cooling(OFFER)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void aDistrustedOfferIsTriedWhenItsRestIsOver() {
    health.distrust(OFFER, Duration.ofMinutes(1));
    assertThat(health.isTrusted(OFFER)).isFalse();
    assertThat(health.cooling(OFFER)).isZero();
    clock.pass(Duration.ofMinutes(1));
    assertThat(health.claimTrial(OFFER)).isTrue();
  }

  @Test
  void paceIsAMovingAverage() {
    health.succeeded(OFFER, 100, 50);
    assertThat(health.pace(OFFER)).isEqualTo(new Pace(100, 50, true));
    health.succeeded(OFFER, 200, 100);
    assertThat(health.pace(OFFER).firstByteMillis()).isCloseTo(120, within(0.001));
    assertThat(health.pace(OFFER).tokensPerSecond()).isCloseTo(60, within(0.001));
  }

  @Test
  void figuresThatAreNotKnownChangeNoAverage() {
    health.succeeded(OFFER, 100, 50);
    health.succeeded(OFFER, -1, 0);
    health.succeeded(OFFER, -1, Double.POSITIVE_INFINITY);
    health.succeeded(OFFER, -1, Double.NaN);
    assertThat(health.pace(OFFER)).isEqualTo(new Pace(100, 50, true));
  }

  @Test
  void aSpeedGrowsStale() {
    health.succeeded(OFFER, 100, 50);
    clock.pass(Duration.ofMinutes(10));
    assertThat(health.pace(OFFER)).isEqualTo(new Pace(100, 50, false));
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      health.failed(OFFER);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
