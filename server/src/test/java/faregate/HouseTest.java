package faregate;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Holds ARCHITECTURE.md against the real house.
class HouseTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path CLASSES = Path.of("target/classes/faregate");
  private static final Path PAGE = Path.of("../ARCHITECTURE.md");

  private static House house;

  @BeforeAll
  static void look() throws IOException {
    List<Source> sources = Source.all(SOURCES);
    List<House.Use> uses = new ArrayList<>(House.named(sources));
    uses.addAll(compiled());
    house = new House(HouseTable.read(PAGE), sources, uses);
  }

  /// What the classes use, which also sees types that no source line names.
  private static List<House.Use> compiled() {
    List<House.Use> uses = new ArrayList<>();
    for (JavaClass type : new ClassFileImporter().importPath(CLASSES)) {
      for (Dependency use : type.getDirectDependenciesFromSelf()) {
        String to = use.getTargetClass().getBaseComponentType().getPackageName();
        if (to.startsWith("faregate.") && !to.equals(type.getPackageName())) {
          uses.add(new House.Use(type.getPackageName(), to, where(type, use)));
        }
      }
    }
    return uses;
  }

  private static String where(JavaClass type, Dependency use) {
    String file = type.getSource().flatMap(source -> source.getFileName()).orElse(type.getName());
    int line = use.getSourceCodeLocation().getLineNumber();
    return type.getPackageName().replace('.', '/') + "/" + file + (line == 0 ? "" : ":" + line);
  }

  @Test
  void theTableIsRead() {
    assertThat(house.table().allows("tariff", "money")).isTrue();
    assertThat(house.table().allows("money", "tariff")).isFalse();
    assertThat(house.table().allows("gateway", "sandbox")).isTrue();
    assertThat(house.table().allows("gateway", "operator")).isFalse();
    assertThat(house.table().allows("routing", "provider")).isTrue();
    assertThat(house.table().allows("cli", "prove")).isTrue();
    assertThat(house.uses()).isNotEmpty();
  }

  @Test
  void everyRoomHasItsRow() {
    assertThat(house.strangers()).isEmpty();
  }

  @Test
  void roomsImportOnlyWhatTheirRowNames() {
    assertThat(house.forbiddenImports()).isEmpty();
  }

  @Test
  void onlyGatewayAndReconcileKnowMoneyAndProviders() {
    assertThat(house.bothMoneyAndProvider()).isEmpty();
  }

  @Test
  void thereAreNoCircles() {
    assertThat(house.circles()).isEmpty();
  }

  @Test
  void sqlStandsInItsPlace() {
    assertThat(house.straySql()).isEmpty();
  }

  @Test
  void moneyIsExact() {
    assertThat(house.floats()).isEmpty();
  }

  @Test
  void clockRandomEnvironmentAndExitStandInTheirPlace() {
    assertThat(house.forbiddenCalls()).isEmpty();
  }

  @Test
  void packagesAreNamedAfterWhatTheyHold() {
    assertThat(house.emptyNames()).isEmpty();
  }

  @Test
  void everyPackageHasItsPage() {
    assertThat(house.unmarkedPackages()).isEmpty();
  }
}
