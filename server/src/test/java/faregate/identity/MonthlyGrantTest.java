package faregate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import faregate.id.WalletId;
import faregate.money.Nanos;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MonthlyGrantTest {
  private static final WalletId WALLET = new WalletId(17);
  private static final long NOVEMBER = micros("2026-11-21T01:02:03Z");
  private static final TierSettings SETTINGS = TierSettings.standard();

  @Test
  void aFreeWalletIsEntitledToADimeForThisMonth() {
    assertThat(MonthlyGrant.of(SETTINGS, WALLET, Tier.FREE, NOVEMBER))
        .containsExactly(
            new MonthlyGrant(
                "grant:17:2026-11",
                Nanos.ofUsd("0.10"),
                Nanos.ZERO,
                micros("2026-11-01T00:00:00Z"),
                micros("2026-12-01T00:00:00Z")));
  }

  @Test
  void anUpgradeAddsTheDifferenceUnderItsOwnReference() {
    List<MonthlyGrant> pro = MonthlyGrant.of(SETTINGS, WALLET, Tier.PRO, NOVEMBER);
    assertThat(pro.getFirst())
        .isEqualTo(MonthlyGrant.of(SETTINGS, WALLET, Tier.FREE, NOVEMBER).getFirst());
    assertThat(pro)
        .extracting(MonthlyGrant::ref)
        .containsExactly("grant:17:2026-11", "grant:17:2026-11:pro");
    assertThat(pro.getLast().amount()).isEqualTo(Nanos.ofUsd("1.90"));
    assertThat(pro.getLast().below()).isEqualTo(Nanos.ofUsd("0.10"));
  }

  @Test
  void knowsTheGrantsOfItsOwnMonth() {
    MonthlyGrant pro = MonthlyGrant.of(SETTINGS, WALLET, Tier.PRO, NOVEMBER).getLast();
    assertThat(pro.isBeside(WALLET, "grant:17:2026-11")).isTrue();
    assertThat(pro.isBeside(WALLET, "grant:17:2026-11:team")).isTrue();
    assertThat(pro.isBeside(WALLET, "grant:17:2026-10:pro")).isFalse();
    assertThat(pro.isBeside(WALLET, "top-up")).isFalse();
  }

  @Test
  void monthsTurnAtMidnightUtc() {
    long last = micros("2026-11-30T23:59:59.999999Z");
    assertThat(MonthlyGrant.of(SETTINGS, WALLET, Tier.FREE, last).getFirst().ref())
        .isEqualTo("grant:17:2026-11");
    assertThat(MonthlyGrant.of(SETTINGS, WALLET, Tier.FREE, last + 1).getFirst().ref())
        .isEqualTo("grant:17:2026-12");
  }

  @Test
  void whateverTheOrderOfTiersAMonthGrantsTheHighestOfThem() {
    TierSettings settings =
        TierSettings.ofUsd(
            Map.of(Tier.FREE, "0.10", Tier.PRO, "2.00", Tier.TEAM, "0", Tier.ENTERPRISE, "1.5"));
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      Map<String, Nanos> granted = new HashMap<>();
      Nanos highest = Nanos.ZERO;
      for (int change = 0; change < 6; change++) {
        Tier tier = Tier.values()[random.nextInt(4)];
        highest = highest.atLeast(settings.monthly(tier));
        for (MonthlyGrant grant : MonthlyGrant.of(settings, WALLET, tier, NOVEMBER)) {
          Nanos before = granted.put(grant.ref(), grant.amount());
          assertThat(before).as("a reference keeps its amount").isIn(null, grant.amount());
        }
        assertThat(granted.values().stream().reduce(Nanos.ZERO, Nanos::plus))
            .as("seed " + seed)
            .isEqualTo(highest);
      }
    }
  }

  @Test
  void settingsNameTheTierThatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TierSettings.ofUsd(Map.of(Tier.FREE, "0.10")))
        .withMessageContaining("monthly grant");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TierSettings.ofUsd(
                    Map.of(Tier.FREE, "-1", Tier.PRO, "2", Tier.TEAM, "2", Tier.ENTERPRISE, "2")))
        .withMessageContaining("tier free");
  }

  private static long micros(String instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }
}
