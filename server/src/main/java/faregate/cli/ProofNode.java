package faregate.cli;

import faregate.kit.RandomSource;
import faregate.kit.ShiftedClock;
import faregate.prove.Sabotage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// A gateway of the proof: the product, on a clock that a file shifts, and with a ledger that is
/// broken where the proof is to be seen to bite. `faregate prove` starts it; nobody else does. When
/// that has died, which ends its input, it leaves at once.
public final class ProofNode {
  private static final int OWN_ARGUMENTS = 2;

  private ProofNode() {}

  /// @param args the file that shifts the clock, the sabotage or `none`, then those of `serve`
  public static void main(String[] args) {
    Thread.ofPlatform().daemon().name("proof-parent").start(ProofNode::outliveNobody);
    Optional<Sabotage> sabotage = Sabotage.parse(args[1]);
    Footing footing =
        new Footing(
            new ShiftedClock(Path.of(args[0])),
            RandomSource.secure(),
            (ledger, ids) -> sabotage.map(each -> each.around(ledger, ids)).orElse(ledger),
            lane -> sabotage.ifPresent(each -> each.dress(lane)));
    Service service = Service.plain(Arrays.copyOfRange(args, OWN_ARGUMENTS, args.length));
    int code = Failures.MISUSED;
    try {
      if (service != null) {
        code = service.on(footing).run(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
      }
    } catch (Exception e) {
      code = Failures.tell(e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    }
    System.exit(code);
  }

  private static void outliveNobody() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever said there.
      }
    } catch (IOException _) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(Failures.FAILED);
  }
}
