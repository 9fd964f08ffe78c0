package faregate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Shows that each law of the house is felt when it is broken.
class HouseLawsTest {
  private static final HouseTable TABLE =
      new HouseTable(
          Map.of(
              "kit", Set.of(),
              "money", Set.of(),
              "ledger", Set.of("kit", "money"),
              "provider", Set.of("kit"),
              "hub", Set.of("kit", "ledger", "provider")));

  private static House house(Map<String, String> files) {
    List<Source> sources =
        files.entrySet().stream()
            .map(
                file ->
                    new Source(
                        Path.of("faregate", file.getKey()),
                        Source.withoutComments(file.getValue())))
            .toList();
    return new House(TABLE, sources, House.named(sources));
  }

  @Test
  void anImportThatTheTableDoesNotName() {
    House house =
        house(
            Map.of(
                "money/A.java", "package faregate.money;\n\nimport faregate.kit.Clock;",
                "ledger/B.java", "package faregate.ledger;\nclass B { faregate.hub.C c; }"));
    assertThat(house.forbiddenImports())
        .containsExactlyInAnyOrder(
            "faregate/money/A.java:3: money may not import kit; its row in ARCHITECTURE.md allows"
                + " []",
            "faregate/ledger/B.java:2: ledger may not import hub; its row in ARCHITECTURE.md allows"
                + " [kit, money]");
  }

  @Test
  void namesInCommentsAndTextsAreNoImports() {
    House house =
        house(
            Map.of(
                "money/A.java",
                "package faregate.money; // faregate.hub.C\n"
                    + "/* faregate.hub */ class A { String s = \"faregate.hub.C\"; }"));
    assertThat(house.forbiddenImports()).isEmpty();
  }

  @Test
  void aRoomWithoutARow() {
    assertThat(house(Map.of("shed/A.java", "package faregate.shed;")).strangers())
        .containsExactly(
            "faregate/shed/A.java: no row of ARCHITECTURE.md names this room; add one");
  }

  @Test
  void aRoomThatKnowsMoneyAndProviders() {
    House house =
        house(
            Map.of(
                "hub/A.java",
                "package faregate.hub;\nimport faregate.ledger.L;",
                "hub/B.java",
                "package faregate.hub;\nimport faregate.provider.P;"));
    assertThat(house.bothMoneyAndProvider()).hasSize(1).first().asString().startsWith("hub ");
  }

  @Test
  void aCircleBetweenSubPackages() {
    House house =
        house(
            Map.of(
                "kit/A.java", "package faregate.kit;\nimport faregate.kit.a.B;",
                "kit/a/B.java", "package faregate.kit.a;\nimport faregate.kit.b.C;",
                "kit/b/C.java", "package faregate.kit.b;\nimport faregate.kit.A;"));
    assertThat(house.circles()).isNotEmpty().first().asString().contains("faregate/kit/A.java:2");
  }

  @Test
  void sqlOutsideItsPlace() {
    House house =
        house(
            Map.of(
                "ledger/A.java",
                "package faregate.ledger;\nclass A { String q = \"SELECT a FROM b\"; }",
                "ledger/LotSql.java",
                "package faregate.ledger;\nclass LotSql { String q = \"SELECT a FROM b\"; }"));
    assertThat(house.straySql())
        .containsExactly("faregate/ledger/A.java:2: SQL belongs into store or a class named …Sql");
  }

  @Test
  void aFloatNearMoney() {
    House house =
        house(Map.of("money/A.java", "package faregate.money;\nclass A { double d = 0.1; }"));
    assertThat(house.floats()).hasSize(2);
  }

  @Test
  void aClockOutsideTheKit() {
    House house =
        house(
            Map.of(
                "money/A.java",
                "package faregate.money;\nclass A { long t = System.nanoTime(); }",
                "kit/B.java",
                "package faregate.kit;\nclass B { long t = System.nanoTime(); }"));
    assertThat(house.forbiddenCalls())
        .containsExactly(
            "faregate/money/A.java:2: System.nanoTime: take faregate.kit.Clock by the constructor");
  }

  @Test
  void anEmptyNameAndAMissingPage() {
    House house = house(Map.of("kit/util/A.java", "package faregate.kit.util;"));
    assertThat(house.emptyNames())
        .containsExactly("faregate.kit.util: name the package after what it holds");
    assertThat(house.unmarkedPackages())
        .containsExactly("faregate.kit.util: needs a package-info.java with @NullMarked");
  }
}
