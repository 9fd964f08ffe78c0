package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final List<String> heard = new ArrayList<>();

  /// Runs what it is given, and counts how often it was given something.
  private static final class Loop implements Executor {
    private int woken;

    @Override
    public void execute(Runnable task) {
      woken++;
      task.run();
    }
  }

  private Told<String> told(Executor on, String outcome) {
    return new Told<>(new Reply<>(on, heard::add), outcome, null);
  }

  @Test
  void wakesEachExecutorOnceAndKeepsItsOrder() {
    Loop one = new Loop();
    Loop two = new Loop();
    Outbox.give(List.of(told(one, "a"), told(two, "b"), told(one, "c"), told(two, "d")));
    assertThat(one.woken).isEqualTo(1);
    assertThat(two.woken).isEqualTo(1);
    assertThat(heard).containsSubsequence("a", "c").containsSubsequence("b", "d").hasSize(4);
  }

  @Test
  void whoFailsKeepsNothingFromTheOthers() {
    Loop loop = new Loop();
    Reply<String> failing =
        new Reply<>(
            loop,
            _ -> {
              throw new IllegalStateException("a receiver's own fault");
            });
    Executor closed =
        _ -> {
          throw new RejectedExecutionException("closed");
        };
    Outbox.give(List.of(new Told<>(failing, "x", null), told(closed, "lost"), told(loop, "heard")));
    assertThat(heard).containsExactly("heard");
  }
}
