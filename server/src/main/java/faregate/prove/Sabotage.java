package faregate.prove;

import faregate.kit.IdSource;
import faregate.ledger.Ledger;
import faregate.store.Lane;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Ways of breaking the ledger on purpose, in the proof's own gateways and nowhere else.
public enum Sabotage {
  /// Now and then a client is told its cost and nothing is posted.
  DROP_CHARGE {
    @Override
    public Ledger around(Ledger ledger, IdSource ids) {
      return new ChargeDropped(ledger);
    }
  },
  /// Now and then a charge is posted a second time, as by a retry that does not know the first.
  DOUBLE_SETTLE {
    @Override
    public Ledger around(Ledger ledger, IdSource ids) {
      return new SettledTwice(ledger, ids);
    }
  },
  /// Now and then a tenth of what a call can cost is held.
  SHRINK_HOLD {
    @Override
    public Ledger around(Ledger ledger, IdSource ids) {
      return new HoldShrunk(ledger);
    }
  },
  /// Batches are written without asking the fence, and one comes a second time, as one that was
  /// left in a cut connection would.
  SKIP_FENCE {
    @Override
    public void dress(Lane lane) {
      lane.dress(FenceSkippedSql::around);
    }
  };

  /// What the gateway gets instead of the ledger.
  public Ledger around(Ledger ledger, IdSource ids) {
    return ledger;
  }

  /// Told of the write thread before the ledger uses it.
  public void dress(Lane lane) {}

  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Sabotage> parse(String text) {
    return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
  }

  /// Their names.
  public static List<String> texts() {
    return Arrays.stream(values()).map(Sabotage::text).toList();
  }
}
