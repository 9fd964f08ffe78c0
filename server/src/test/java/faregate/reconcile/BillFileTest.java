package faregate.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.money.Nanos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BillFileTest {
  @TempDir private Path folder;

  private BillFile read(String text) throws IOException {
    return BillFile.read(Files.writeString(folder.resolve("bill.csv"), text));
  }

  @Test
  void readsNanoUsd() throws IOException {
    BillFile bill = read("request_id,model,nano_usd\na,m,100\nb,m,0\na,m,5\n");
    assertThat(bill.amounts()).containsEntry("a", Nanos.of(105)).containsEntry("b", Nanos.ZERO);
    assertThat(bill.unit()).isOne();
  }

  @Test
  void readsUsdAndKnowsHowFineItIs() throws IOException {
    BillFile bill = read("Cost USD,Request Id\n0.0012,a\n0.000001,b\n");
    assertThat(bill.amounts())
        .containsEntry("a", Nanos.of(1_200_000))
        .containsEntry("b", Nanos.of(1_000));
    assertThat(bill.unit()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                               | is empty
          a,b                              | has no column request_id
          request_id,b                     | has no column nano_usd or usd
          request_id,usd;a,$5              | line 2: '$5' is no amount
          request_id,usd;a,99999999999     | is too large
          """)
  void saysWhatIsWrong(String text, String words) {
    assertThatThrownBy(() -> read(text.replace(';', '\n')))
        .isInstanceOf(BillFile.Unreadable.class)
        .hasMessageContaining("bill.csv")
        .hasMessageContaining(words);
  }
}
