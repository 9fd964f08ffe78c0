package faregate.prove;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.prove.Books.WalletBook;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Books with one thing wrong in them, and the figure that has to show it.
class ComparisonTest {
  private static final long NONE = CallNote.UNTOLD;
  private static final Mishap KILL = new Mishap(Mishap.Kind.KILL, 0, 50, 50);

  private final List<WalletBook> wallets = List.of(new WalletBook("ann", 7, 1_000, 0, 1));
  private List<CallNote> notes = List.of(note("a", CallNote.End.ANSWERED, 300, false));
  private List<BillLine> bills = List.of(bill("a", 300, 400));
  private List<Row> rows = List.of(new Row("a", 7, 400, 300, "posted", 0));
  private List<LotRow> lots = List.of(new LotRow(1, 7, 1_000, 0, 300));
  private List<Mishap> mishaps = List.of();
  private long open;
  private List<String> unserved = List.of();
  private String audit = "";

  private static CallNote note(String call, CallNote.End end, long cost, boolean troubled) {
    return new CallNote(
        "t-" + call,
        0,
        0,
        10,
        90,
        call,
        end,
        "",
        cost,
        100,
        200,
        troubled ? "client left at once" : "");
  }

  private static BillLine bill(String call, long cost, long ceiling) {
    return new BillLine(call, "t-" + call, 20, 80, cost, ceiling);
  }

  private Verdict verdict() {
    return Comparison.of(
        new Books(wallets, notes, bills, rows, lots, mishaps, open, unserved, audit));
  }

  /// The five figures.
  private List<Long> figures() {
    Verdict verdict = verdict();
    assertThat(verdict.isClean())
        .isEqualTo(verdict.findings().isEmpty())
        .describedAs("%s", verdict);
    return List.of(
        verdict.lost(),
        verdict.overspent(),
        verdict.openPastGrace(),
        verdict.false402(),
        verdict.unexplainedNanoUsd());
  }

  private static List<Long> figures(long lost, long over, long open, long refused, long rest) {
    return List.of(lost, over, open, refused, rest);
  }

  @Test
  void booksThatAgree() {
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 0));
  }

  @Test
  void aCostThatWasToldAndHasNoRow() {
    rows = List.of();
    assertThat(figures()).isEqualTo(figures(2, 0, 0, 0, 300));
  }

  @Test
  void aCostThatWasToldOtherwise() {
    notes = List.of(note("a", CallNote.End.ANSWERED, 299, false));
    assertThat(figures()).isEqualTo(figures(1, 0, 0, 0, 0));
  }

  @Test
  void aChargeAboveTheBill() {
    rows = List.of(new Row("a", 7, 400, 310, "posted", 0));
    notes = List.of(note("a", CallNote.End.BROKEN, NONE, true));
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 10));
  }

  @Test
  void aChargeWithoutABill() {
    rows = List.of(rows.getFirst(), new Row("b", 7, 5, 5, "posted", 0));
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 5));
  }

  @Test
  void aBillBeyondTheChargeIsTheOperatorsWhereAFaultHitTheCall() {
    notes = List.of(note("a", CallNote.End.BROKEN, NONE, false));
    rows = List.of(new Row("a", 7, 400, 0, "recovery", 400));
    mishaps = List.of(KILL);
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 0));
    assertThat(verdict().coveredNanoUsd()).isEqualTo(300);
  }

  @Test
  void aBillBeyondTheChargeThatNoFaultExplains() {
    notes = List.of(note("a", CallNote.End.BROKEN, NONE, false));
    rows = List.of(new Row("a", 7, 400, 0, "recovery", 400));
    mishaps = List.of(new Mishap(Mishap.Kind.KILL, 1, 50, 50), new Mishap(KILL.kind(), 0, 91, 95));
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 300));
  }

  @Test
  void aBillBeyondWhatTheIncidentsAllow() {
    notes = List.of(note("a", CallNote.End.LEFT, NONE, true));
    rows = List.of(new Row("a", 7, 400, 100, "posted", 150));
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 50));
  }

  @Test
  void aHoldThatDoesNotCoverItsCall() {
    rows = List.of(new Row("a", 7, 399, 300, "posted", 0));
    assertThat(figures()).isEqualTo(figures(0, 1, 0, 0, 0));
  }

  @Test
  void twoCallsThatTogetherWereBeyondTheWallet() {
    overspend();
    assertThat(figures()).isEqualTo(figures(0, 1, 0, 0, 0));
  }

  private void overspend() {
    notes =
        List.of(
            note("a", CallNote.End.ANSWERED, 300, false),
            note("b", CallNote.End.ANSWERED, 300, false));
    bills = List.of(bill("a", 300, 501), bill("b", 300, 500));
    rows = List.of(new Row("a", 7, 501, 300, "posted", 0), new Row("b", 7, 500, 300, "posted", 0));
  }

  /// What a mishap cannot have caused it does not excuse, however near it is.
  @Test
  void twoCallsBeyondTheWalletBesideMishapsThatEndNoHold() {
    overspend();
    for (Mishap.Kind kind : Mishap.Kind.values()) {
      mishaps = List.of(new Mishap(kind, 1, 0, 50), new Mishap(kind, Mishap.ALL, 85, 95));
      assertThat(figures()).as("%s", kind).isEqualTo(figures(0, 1, 0, 0, 0));
    }
    mishaps =
        List.of(
            new Mishap(Mishap.Kind.STALL, Mishap.ALL, 0, 60),
            new Mishap(Mishap.Kind.DATABASE_KILL, Mishap.ALL, 25, 26),
            new Mishap(Mishap.Kind.CLOCK, Mishap.ALL, -4_000_000_000L, -3_000_000_000L));
    assertThat(figures()).isEqualTo(figures(0, 1, 0, 0, 0));
  }

  @Test
  void aCallWhoseHoldAMishapEnded() {
    overspend();
    for (Mishap.Kind kind : List.of(Mishap.Kind.KILL, Mishap.Kind.STOP, Mishap.Kind.CLOCK)) {
      mishaps = List.of(new Mishap(kind, 0, 19, 50));
      assertThat(figures()).as("%s", kind).isEqualTo(figures(0, 0, 0, 0, 0));
    }
  }

  @Test
  void slowCommitsExcuseNoBill() {
    notes = List.of(note("a", CallNote.End.BROKEN, NONE, false));
    rows = List.of(new Row("a", 7, 400, 0, "recovery", 400));
    mishaps = List.of(new Mishap(Mishap.Kind.SLOW_COMMITS, Mishap.ALL, 0, 100));
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 300));
  }

  @Test
  void anAnswerThatToldNoCost() {
    notes = List.of(note("a", CallNote.End.ANSWERED, NONE, false));
    assertThat(figures()).isEqualTo(figures(1, 0, 0, 0, 0));
  }

  @Test
  void rowsThatDoNotAddUp() {
    lots = List.of(new LotRow(1, 7, 1_000, 701, 300));
    audit = "lot 1 shows pending 701";
    assertThat(figures()).isEqualTo(figures(0, 2, 0, 0, 0));
  }

  @Test
  void aRefusalOfWhatWasThere() {
    notes = List.of(notes.getFirst(), note("b", CallNote.End.OUT_OF_CREDIT, NONE, false));
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 1, 0));
  }

  @Test
  void aRefusalOfWhatAnotherCallHadSpent() {
    notes = List.of(notes.getFirst(), note("b", CallNote.End.OUT_OF_CREDIT, NONE, false));
    bills = List.of(bill("a", 900, 900));
    rows = List.of(new Row("a", 7, 900, 900, "posted", 0));
    notes = List.of(note("a", CallNote.End.ANSWERED, 900, false), notes.getLast());
    assertThat(figures()).isEqualTo(figures(0, 0, 0, 0, 0));
  }

  @Test
  void aHoldThatNobodyEndedAndAWalletThatIsNotServed() {
    open = 1;
    unserved = List.of("wallet ann");
    assertThat(figures()).isEqualTo(figures(0, 0, 1, 1, 0));
  }
}
