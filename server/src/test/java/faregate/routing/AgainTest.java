package faregate.routing;

import static faregate.routing.Offers.MODEL;
import static faregate.routing.Offers.live;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Offer;
import faregate.health.HandClock;
import faregate.health.Health;
import faregate.http.UpstreamException;
import faregate.http.UpstreamException.Stage;
import faregate.provider.Failure;
import faregate.routing.Routed.Route;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgainTest {
  private static final Offer A = live("a", 1);
  private static final Offer B = live("b", 1);
  private static final Offer C = live("c", 1);
  private static final Route ROUTE = new Route(MODEL, List.of(A, B, C), false, null);

  private final Health health = new Health(new HandClock());
  private final Again again = new Again(health);

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(cut(Stage.NOT_SENT), true),
        Arguments.of(cut(Stage.NOTHING_RECEIVED), true),
        Arguments.of(cut(Stage.BROKEN_BODY), true),
        Arguments.of(status(408), true),
        Arguments.of(status(429), true),
        Arguments.of(status(500), true),
        Arguments.of(status(503), true),
        Arguments.of(status(401), true),
        Arguments.of(status(402), true),
        Arguments.of(status(403), true),
        Arguments.of(status(404), true),
        Arguments.of(status(410), true),
        Arguments.of(status(400), false),
        Arguments.of(status(413), false),
        Arguments.of(status(422), false));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void anotherAttemptIsMadeWhereTheFailureIsNotTheClients(Failure failure, boolean expected) {
    assertThat(again.after(ROUTE, A, failure, false)).isEqualTo(expected ? B : null);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void neverAfterTheFirstByte(Failure failure) {
    assertThat(again.after(ROUTE, A, failure, true)).isNull();
  }

  @ParameterizedTest
  @MethodSource("failures")
  void neverWhereTheClientNamedTheProvider(Failure failure) {
    Route pinned = new Route(MODEL, List.of(A), true, null);
    assertThat(again.after(pinned, A, failure, false)).isNull();
  }

  @Test
  void theRouteEnds() {
    assertThat(again.after(ROUTE, A, status(500), false)).isEqualTo(B);
    assertThat(again.after(ROUTE, B, status(500), false)).isEqualTo(C);
    assertThat(again.after(ROUTE, C, status(500), false)).isNull();
  }

  @Test
  void whatBeganToCoolMeanwhileIsPassedOver() {
    health.cool(B.id(), Duration.ofSeconds(1));
    assertThat(again.after(ROUTE, A, status(500), false)).isEqualTo(C);
  }

  @Test
  void aPauseThatAProviderAsksForCoolsItsOffer() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Retry-After", "17");
    again.after(ROUTE, A, Failure.of("a", 429, headers, Failure.Words.NONE, 0), true);
    assertThat(health.cooling(A.id())).isEqualTo(Duration.ofSeconds(17));
    assertThat(health.isTrusted(A.id())).isTrue();
  }

  @Test
  void faultsOpenTheBreakerAndClientsErrorsDoNot() {
    for (int i = 0; i < 5; i++) {
      again.after(ROUTE, A, status(500), true);
      again.after(ROUTE, B, cut(Stage.NOT_SENT), false);
      again.after(ROUTE, C, status(400), false);
    }
    assertThat(health.isTrusted(A.id())).isFalse();
    assertThat(health.isTrusted(B.id())).isFalse();
    assertThat(health.isTrusted(C.id())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 410})
  void whatMayBeOneRequestsDoingOpensItAfterFive(int status) {
    for (int i = 0; i < 4; i++) {
      assertThat(again.after(ROUTE, A, status(status), false)).isEqualTo(B);
    }
    assertThat(health.isTrusted(A.id())).isTrue();
    assertThat(health.cooling(A.id())).isZero();
    again.after(ROUTE, A, status(status), false);
    assertThat(health.isTrusted(A.id())).isFalse();
  }

  @Test
  void clientsErrorsBetweenFaultsDoNotHideThem() {
    for (int i = 0; i < 5; i++) {
      assertThat(health.isTrusted(A.id())).isTrue();
      again.after(ROUTE, A, status(500), true);
      again.after(ROUTE, A, status(400), true);
    }
    assertThat(health.isTrusted(A.id())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 402})
  void aKeyThatIsRefusedOpensItAtOnceWithoutCooling(int status) {
    again.after(ROUTE, A, status(status), false);
    assertThat(health.isTrusted(A.id())).isFalse();
    assertThat(health.cooling(A.id())).isZero();
  }

  private static Failure cut(Stage stage) {
    return Failure.of("a", new UpstreamException(stage, false, "cut", null));
  }

  private static Failure status(int status) {
    return Failure.of("a", status, MultiMap.caseInsensitiveMultiMap(), Failure.Words.NONE, 0);
  }
}
