package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.id.LotId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LegsTest {
  @Test
  void bytesTellTheSameLegs() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 10_000; round++) {
      List<Leg> legs = new ArrayList<>();
      for (int count = random.nextInt(5); count > 0; count--) {
        legs.add(
            new Leg(
                new LotId(1 + (random.nextLong() >>> (1 + random.nextInt(60)))),
                random.nextBoolean(),
                random.nextLong() >> random.nextInt(64),
                random.nextLong() >> random.nextInt(64)));
      }
      assertThat(Legs.decode(Legs.encode(legs))).isEqualTo(legs);
    }
  }

  @Test
  void damagedBytesAreToldSo() {
    byte[] bytes = Legs.encode(List.of(new Leg(new LotId(77), false, 1000, 500)));
    for (int length = 1; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Legs.decode(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    byte[] endless = new byte[40];
    Arrays.fill(endless, (byte) 0xff);
    assertThatThrownBy(() -> Legs.decode(endless)).hasMessageContaining("longer than 64 bits");
  }
}
