package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.ledger.Decision.Verdict;
import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Lots are written `kind id: granted/pending/posted [starts expires]`; the ledger's now is 100.
class DecisionTest {
  private static final WalletId WALLET = new WalletId(1);
  private static final long NOW = 100;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # lots                                                    | limits | least wish most | outcome
          GRANT 1: 100/0/0                                          |        | 10 10 10       | held 10 left 90 [1:10]
          GRANT 1: 100/0/0                                          |        | 0 0 0          | held 0 left 100 []
                                                                    |        | 0 0 0          | held 0 left 0 []
                                                                    |        | 1 1 1          | refused 0
          GRANT 1: 100/0/0                                          |        | 100 100 100    | held 100 left 0 [1:100]
          GRANT 1: 100/0/0                                          |        | 101 101 101    | refused 100
          GRANT 1: 100/0/40                                         |        | 61 61 61       | refused 60
          GRANT 1: 100/40/0                                         |        | 61 61 61       | wait 100 held 40
          GRANT 1: 100/100/0                                        |        | 1 1 1          | wait 100 held 100
          GRANT 1: 100/0/100                                        |        | 1 1 1          | refused 0
          # the client is silent: a sixteenth, at least the wish, at most the most
          GRANT 1: 16000/0/0                                        |        | 1 10 5000      | held 1000 left 15000 [1:1000]
          GRANT 1: 16000/0/0                                        |        | 1 10 500       | held 500 left 15500 [1:500]
          GRANT 1: 16000/0/0                                        |        | 1 2000 5000    | held 2000 left 14000 [1:2000]
          GRANT 1: 5/0/0                                            |        | 1 10 5000      | held 5 left 0 [1:5]
          GRANT 1: 100/95/0                                         |        | 1 10 5000      | wait 100 held 95
          # several lots, in order of use
          PURCHASED 1: 100/0/0, GRANT 2: 30/0/0                     |        | 50 50 50       | held 50 left 80 [2:30, 1:20]
          GRANT 1: 10/0/0 0 900, GRANT 2: 10/0/0 0 800              |        | 15 15 15       | held 15 left 5 [2:10, 1:5]
          GRANT 1: 10/10/0, MARKET 2: 10/4/3, POSTPAID 3: 10/0/0    |        | 5 5 5          | held 5 left 8 [2:3, 3:2]
          # not in force: expired, or not yet
          GRANT 1: 10/0/0 0 100, PURCHASED 2: 7/0/0                 |        | 5 5 5          | held 5 left 2 [2:5]
          GRANT 1: 10/0/0 101 900, PURCHASED 2: 7/0/0               |        | 8 8 8          | refused 7
          GRANT 1: 10/0/0 100 101                                   |        | 8 8 8          | held 8 left 2 [1:8]
          # limits count beside the wallet
          GRANT 1: 100/0/0, LIMIT 9: 50/0/0                         | 9      | 10 10 10       | held 10 left 90 [1:10, 9:10]
          GRANT 1: 100/0/0, LIMIT 9: 50/0/45                        | 9      | 10 10 10       | refused 5 limited
          GRANT 1: 100/0/0, LIMIT 9: 50/45/0                        | 9      | 10 10 10       | wait 50 held 45
          GRANT 1: 4/0/0, LIMIT 9: 50/0/0                           | 9      | 10 10 10       | refused 4
          GRANT 1: 100/0/0, LIMIT 8: 70/0/0, LIMIT 9: 50/0/0        | 9 8    | 1 1 5000       | held 3 left 97 [1:3, 9:3, 8:3]
          GRANT 1: 100/0/0, LIMIT 9: 50/0/0 0 100                   | 9      | 10 10 10       | refused 0 limited
          GRANT 1: 100/0/0, LIMIT 9: 50/0/0                         |        | 10 10 10       | held 10 left 90 [1:10]
          GRANT 1: 100/0/0                                          | 9      | 10 10 10       | no limit 9
          GRANT 1: 100/0/0                                          | 1      | 10 10 10       | no limit 1
          """)
  void holds(String lots, String limits, String amounts, String outcome) {
    String[] amount = amounts.split(" ", -1);
    HoldCommand command =
        new HoldCommand(
            new CallId(1),
            WALLET,
            ids(limits),
            Nanos.of(Long.parseLong(amount[0])),
            Nanos.of(Long.parseLong(amount[1])),
            Nanos.of(Long.parseLong(amount[2])),
            0,
            0,
            "ref");
    assertThat(told(Decision.hold(wallet(lots), command, NOW))).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # legs held (L: limit)  | charge | posted
          1:10                    | 0      | [1:0]
          1:10                    | 10     | [1:10]
          1:10 2:5                | 12     | [1:10, 2:2]
          1:10 2:5                | 7      | [1:7, 2:0]
          1:10 2:5 L9:15          | 12     | [1:10, 2:2, 9:12]
          """)
  void ends(String legs, long charge, String posted) {
    Decision.Posted end =
        Decision.end(
            wallet("GRANT 1: 20/10/0, MARKET 2: 20/5/0, LIMIT 9: 20/15/0"), legs(legs), charge);
    assertThat(end.legs().stream().map(leg -> leg.lot() + ":" + leg.posted()).toList())
        .hasToString(posted);
    for (Leg leg : end.legs()) {
      LotState lot = end.after().get(leg.lot());
      assertThat(lot.pending())
          .isEqualTo((lot.isLimit() ? 15 : lot.id().value() == 1 ? 10 : 5) - leg.held());
      assertThat(lot.posted()).isEqualTo(leg.posted());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # lots                                               | held>posted     | wanted | charge moved
          GRANT 1: 20/0/4                                      | 1:10>4          | 0      | 0 [1:-4]
          GRANT 1: 20/0/4                                      | 1:10>4          | 4      | 4 []
          GRANT 1: 20/0/4                                      | 1:10>4          | 10     | 10 [1:6]
          GRANT 1: 20/14/4                                     | 1:10>4          | 10     | 6 [1:2]
          GRANT 1: 20/10/10, MARKET 2: 9/0/2                   | 1:10>10 2:5>2   | 15     | 15 [2:3]
          GRANT 1: 20/15/5, MARKET 2: 9/0/0                    | 1:10>5 2:5>0    | 15     | 10 [2:5]
          GRANT 1: 20/10/10, MARKET 2: 9/0/2                   | 1:10>10 2:5>2   | 7      | 7 [2:-2, 1:-3]
          GRANT 1: 20/0/4, LIMIT 9: 20/0/4                     | 1:10>4 L9:10>4  | 1      | 1 [9:-3, 1:-3]
          GRANT 1: 20/0/4, LIMIT 9: 20/13/4                    | 1:10>4 L9:10>4  | 10     | 7 [1:3, 9:3]
          """)
  void adjusts(String lots, String legs, long wanted, String outcome) {
    List<Leg> posted = legs(legs);
    long charge = posted.stream().filter(leg -> !leg.limit()).mapToLong(Leg::posted).sum();
    Decision.Posted moved = Decision.adjust(wallet(lots), posted, charge, wanted);
    String told =
        moved.legs().stream().map(leg -> leg.lot() + ":" + leg.posted()).toList().toString();
    assertThat(moved.charge() + " " + told).isEqualTo(outcome);
  }

  @Test
  void aLoweredLotKeepsWhatIsUsedAndLosesWhatIsGivenBack() {
    LotState lot = wallet("GRANT 1: 100/60/10").lot(0).resize(30);
    assertThat(lot.granted()).isEqualTo(70);
    assertThat(lot.available()).isZero();
    assertThat(lot.unspent()).isEqualTo(20);
    LotState ended = lot.end(60, 5);
    assertThat(ended.granted()).isEqualTo(30);
    assertThat(ended.available()).isEqualTo(15);
    assertThat(ended.resize(50).granted()).isEqualTo(50);
    assertThat(ended.resize(150).total()).isEqualTo(150);
    assertThat(ended.resize(0).granted()).isEqualTo(15);
  }

  private static String told(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Take take ->
          "held "
              + take.held()
              + " left "
              + take.left()
              + " "
              + take.legs().stream().map(leg -> leg.lot() + ":" + leg.held()).toList();
      case Verdict.Refuse refuse ->
          "refused " + refuse.unspent() + (refuse.limit() != null ? " limited" : "");
      case Verdict.Wait wait -> "wait " + wait.unspent() + " held " + wait.held();
      case Verdict.NoSuchLimit no -> "no limit " + no.limit();
    };
  }

  private static List<LotId> ids(String limits) {
    List<LotId> ids = new ArrayList<>();
    for (String limit : limits == null ? new String[0] : limits.split(" ", -1)) {
      ids.add(new LotId(Long.parseLong(limit)));
    }
    return ids;
  }

  private static List<Leg> legs(String text) {
    List<Leg> legs = new ArrayList<>();
    for (String leg : text.split(" ", -1)) {
      String[] part = leg.replace("L", "").split("[:>]", -1);
      legs.add(
          new Leg(
              new LotId(Long.parseLong(part[0])),
              leg.startsWith("L"),
              Long.parseLong(part[1]),
              part.length < 3 ? 0 : Long.parseLong(part[2])));
    }
    return legs;
  }

  private static Wallet wallet(String lots) {
    String[] texts = lots == null ? new String[0] : lots.split(", ", -1);
    return Wallet.of(
        WALLET, List.of(texts).stream().map(DecisionTest::lot).collect(Collectors.toList()));
  }

  private static LotState lot(String text) {
    String[] part = text.split("[ :/]+", -1);
    long granted = Long.parseLong(part[2]);
    return new LotState(
        new LotId(Long.parseLong(part[1])),
        LotKind.valueOf(part[0]),
        granted,
        granted,
        LotState.NO_TARGET,
        Long.parseLong(part[3]),
        Long.parseLong(part[4]),
        part.length > 5 ? Long.parseLong(part[5]) : 0,
        part.length > 6 ? Long.parseLong(part[6]) : Long.MAX_VALUE,
        "ref");
  }
}
