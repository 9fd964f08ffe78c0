package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The table of endings. Prices: 1 nano-USD an input token, 10 an output token.
class EndingTest {
  private static final Tariff TARIFF = Tariff.tokens(1_000, 10_000, "v1");
  private static final long NONE = -1;

  /// Columns: end, reported output (-1: not told), counted output, delivered?, held, earlier
  /// exposure, then the expected ending. The prompt is 5 tokens, whoever counts.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "COMPLETED           | 20 |  0 | true  | 300 |  0 | post 205, excess 0, exposure 0",
        "COMPLETED           | 20 |  0 | true  | 300 | 70 | post 205, excess 0, exposure 70",
        "COMPLETED           | 40 |  0 | true  | 300 |  0 | post 300, excess 105, exposure 0",
        "COMPLETED           | 900000000000000 | 0 | true | 300 | 0 | post 300, excess"
            + " 999999999999700, exposure 0",
        "COMPLETED           |  0 |  0 | false | 300 |  0 | post 5, excess 0, exposure 0",
        "COMPLETED           | -1 | 18 | true  | 300 |  0 | post 185, excess 0, exposure 115,"
            + " estimated",
        "COMPLETED           | -1 | 40 | true  | 300 |  0 | post 300, excess 0, exposure 0,"
            + " estimated",
        "COMPLETED           | -1 | 18 | true  | 300 | 70 | post 185, excess 0, exposure 185,"
            + " estimated",
        "COMPLETED           | -1 |  0 | false | 300 |  0 | void empty_answer, exposure 300",
        "ERROR_FINISH        | -1 |  0 | false | 300 |  9 | void error_finish, exposure 309",
        "ERROR_FINISH        |  0 |  0 | false | 300 |  9 | void error_finish, exposure 14",
        "ERROR_FINISH        |  7 |  0 | true  | 300 |  0 | post 75, excess 0, exposure 0",
        "ERROR_FINISH        | -1 |  7 | true  | 300 |  0 | post 75, excess 0, exposure 225,"
            + " estimated",
        "NO_ANSWER           | -1 |  0 | false | 300 |  0 | void no_answer, exposure 0",
        "NO_ANSWER           | -1 |  0 | false | 300 | 70 | void no_answer, exposure 70",
        "BROKE               | -1 |  3 | true  | 300 |  0 | post 35, excess 0, exposure 265,"
            + " estimated",
        "BROKE               | -1 |  0 | false | 300 | 10 | void provider_broke, exposure 310",
        "BROKE               |  4 |  3 | true  | 300 |  0 | post 45, excess 0, exposure 0",
        "CLIENT_LEFT         | -1 |  3 | true  | 300 |  0 | post 35, excess 0, exposure 265,"
            + " estimated",
        "CLIENT_LEFT         | -1 |  0 | false | 300 |  0 | void client_left, exposure 300",
        "CLIENT_LEFT_DRAINED | 25 |  3 | true  | 300 |  0 | post 255, excess 0, exposure 0",
        "CLIENT_LEFT_DRAINED | 25 |  0 | false | 300 |  0 | post 255, excess 0, exposure 0",
        "CLIENT_LEFT_DRAINED | -1 |  3 | true  | 300 |  0 | post 35, excess 0, exposure 265,"
            + " estimated",
        "CLIENT_LEFT_DRAINED | -1 |  0 | false | 300 |  0 | void client_left, exposure 300",
      })
  void endsAsTheTableSays(
      Course.End end,
      long reported,
      long counted,
      boolean output,
      long held,
      long exposure,
      String expected) {
    Course course =
        new Course(
            end,
            reported == NONE ? null : Quantities.tokens(5, reported),
            Quantities.tokens(5, counted),
            output,
            Nanos.of(exposure));
    assertThat(text(Ending.of(course, TARIFF, Nanos.of(held)))).isEqualTo(expected);
  }

  private static String text(Ending ending) {
    return switch (ending) {
      case Ending.Post post ->
          "post %d, excess %d, exposure %d%s"
              .formatted(
                  post.charge().value(),
                  post.excess().value(),
                  post.exposure().value(),
                  post.estimated() ? ", estimated" : "");
      case Ending.Release release ->
          "void %s, exposure %d".formatted(release.reason(), release.exposure().value());
    };
  }

  /// A search was made that nobody could foresee: the caller pays the tokens, and what the provider
  /// may bill beyond them is recorded.
  @Test
  void whatHasNoPriceIsExposureAndNotCharged() {
    Course course =
        new Course(
            Course.End.COMPLETED,
            Quantities.tokens(5, 2).with(Meter.SEARCH, 3),
            Quantities.NONE,
            true,
            Nanos.of(7));
    assertThat(text(Ending.of(course, TARIFF, Nanos.of(300))))
        .isEqualTo("post 25, excess 0, exposure 282");
  }

  @Test
  void anAbsurdCountStillEndsTheHold() {
    Course course =
        new Course(
            Course.End.COMPLETED,
            Quantities.tokens(Long.MAX_VALUE, Long.MAX_VALUE),
            Quantities.NONE,
            true,
            Nanos.ZERO);
    assertThat(Ending.of(course, TARIFF, Nanos.of(300)))
        .isInstanceOfSatisfying(
            Ending.Post.class, post -> assertThat(post.charge()).isEqualTo(Nanos.of(300)));
  }
}
