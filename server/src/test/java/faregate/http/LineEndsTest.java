package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LineEndsTest {
  private static final byte[] LETTERS = {
    '\n', '\r', 0, 9, 11, 12, 14, 'a', (byte) 0x8a, (byte) 0xff
  };

  private static int plainly(byte[] array, int from, int to) {
    int at = from;
    while (at < to && array[at] != '\n' && array[at] != '\r') {
      at++;
    }
    return at;
  }

  @Test
  void findsWhatALookAtEachByteFinds() {
    Random random = new Random(1);
    for (int round = 0; round < 100_000; round++) {
      byte[] array = new byte[random.nextInt(40)];
      for (int at = 0; at < array.length; at++) {
        boolean rare = random.nextInt(8) == 0;
        array[at] = LETTERS[rare ? random.nextInt(2) : 2 + random.nextInt(LETTERS.length - 2)];
      }
      int from = random.nextInt(array.length + 1);
      int to = from + random.nextInt(array.length - from + 1);
      assertThat(LineEnds.next(array, from, to)).isEqualTo(plainly(array, from, to));
    }
  }
}
