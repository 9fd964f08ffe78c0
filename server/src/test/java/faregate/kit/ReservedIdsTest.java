package faregate.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReservedIdsTest {
  private final AtomicLong micros = new AtomicLong(1_800_000_000_000_000L);
  private final AtomicLong stored = new AtomicLong();
  private boolean answers = true;

  private ReservedIds source() {
    Clock clock =
        new Clock() {
          @Override
          public long micros() {
            return micros.get();
          }

          @Override
          public long nanoTime() {
            return 0;
          }
        };
    ReservedIds[] made = new ReservedIds[1];
    ReservedIds ids =
        new ReservedIds(
            clock,
            7,
            stored.get(),
            mark -> {
              if (answers) {
                stored.set(mark);
                made[0].reserved(mark);
              }
            });
    made[0] = ids;
    stored.set(ids.wanted());
    ids.reserved(stored.get());
    return ids;
  }

  @Test
  void neverGivesAnIdTwiceToManyThreads() {
    ReservedIds ids = source();
    Set<Long> given = ConcurrentHashMap.newKeySet();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int thread = 0; thread < 4; thread++) {
        threads.execute(
            () -> {
              long last = 0;
              for (int i = 0; i < 50_000; i++) {
                long id = ids.next();
                assertThat(id).isGreaterThan(last);
                last = id;
                given.add(id);
              }
            });
      }
    }
    assertThat(given).hasSize(200_000).allMatch(id -> id > 0 && (id & 1023) == 7);
  }

  @Test
  void startsAboveTheStoredMarkThoughTheClockWasSetBack() {
    long before = source().next();
    micros.addAndGet(-3_600_000_000L);
    assertThat(source().next()).isGreaterThan(before);
  }

  @Test
  void goesOnAfterAnIdleHour() {
    ReservedIds ids = source();
    long before = ids.next();
    micros.addAndGet(3_600_000_000L);
    assertThat(ids.next()).isGreaterThan(before);
    long after = ids.next();
    assertThat(after >>> 22).isEqualTo(micros.get() / 1000 - 1_704_067_200_000L);
  }

  @Test
  void staysBelowTheMarkWhileTheDatabaseIsSilent() {
    ReservedIds ids = source();
    answers = false;
    micros.addAndGet(9_999_999L);
    assertThatThrownBy(
            () -> {
              while (ids.next() >>> 10 <= stored.get()) {
                // It is the reserve that ends this.
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("does not answer");
  }

  /// Also when an id is made in the very millisecond in which the clock meets the mark.
  @Test
  void theClockAloneDoesNotUseUpTheReserve() {
    ReservedIds ids = source();
    answers = false;
    long before = 0;
    for (int second = 0; second < 20; second++) {
      long id = ids.next();
      assertThat(id).isGreaterThan(before);
      before = id;
      micros.addAndGet(1_000_000);
    }
    for (int i = 0; i < 3_000_000; i++) {
      ids.next();
    }
    assertThat(ids.used()).isLessThanOrEqualTo(stored.get());
  }
}
