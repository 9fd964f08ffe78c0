package faregate.gateway;

import faregate.money.Nanos;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;

/// How a hold is ended: the table of endings as a pure function.
///
/// A caller pays what the provider reports, else what was delivered as counted; never above the
/// hold; nothing when nothing was delivered. A provider that reported nothing may bill whatever was
/// held, however the answer ended: what lies between is exposure.
sealed interface Ending {
  /// A million USD: more than any call costs, and small enough to be added up.
  Nanos ABSURD = Nanos.of(1_000_000_000_000_000L);

  /// @param charge what the caller pays
  /// @param excess what the provider reports above the hold: the operator's loss
  /// @param exposure the most that the provider may still bill beyond the charge
  /// @param estimated whether the charge was counted by us
  /// @param quantities what the charge is for
  record Post(Nanos charge, Nanos excess, Nanos exposure, boolean estimated, Quantities quantities)
      implements Ending {}

  /// @param exposure the most that the provider may still bill
  /// @param reason a short code
  record Release(Nanos exposure, String reason) implements Ending {}

  static Ending of(Course course, Tariff tariff, Nanos held) {
    return switch (course.end()) {
      case COMPLETED ->
          course.output() || course.reported() != null
              ? paid(course, tariff, held)
              : new Release(course.exposure().plus(held), "empty_answer");
      case ERROR_FINISH ->
          course.output()
              ? paid(course, tariff, held)
              : new Release(course.exposure().plus(told(course, tariff, held)), "error_finish");
      case NO_ANSWER -> new Release(course.exposure(), "no_answer");
      case BROKE -> cutShort(course, tariff, held, "provider_broke");
      case CLIENT_LEFT -> cutShort(course, tariff, held, "client_left");
      case CLIENT_LEFT_DRAINED ->
          course.output() || course.reported() != null
              ? paid(course, tariff, held)
              : new Release(course.exposure().plus(held), "client_left");
    };
  }

  /// Some of the answer was delivered, the rest was not: what lies between is the operator's risk.
  private static Ending cutShort(Course course, Tariff tariff, Nanos held, String reason) {
    return course.output()
        ? paid(course, tariff, held)
        : new Release(course.exposure().plus(held), reason);
  }

  private static Post paid(Course course, Tariff tariff, Nanos held) {
    Quantities reported = course.reported();
    boolean estimated = reported == null;
    Quantities quantities = reported == null ? course.counted() : reported;
    Nanos price = price(quantities, tariff);
    Nanos charge = price.atMost(held);
    Nanos excess = estimated ? Nanos.ZERO : price.minus(charge);
    boolean unknown = estimated || !tariff.covers(quantities);
    Nanos untold = unknown ? held.minus(charge) : Nanos.ZERO;
    return new Post(charge, excess, course.exposure().plus(untold), estimated, quantities);
  }

  /// What the provider says that it bills; all that was held where it does not say.
  private static Nanos told(Course course, Tariff tariff, Nanos held) {
    Quantities reported = course.reported();
    return reported == null ? held : price(reported, tariff);
  }

  /// What has no price and could not be foreseen is not the caller's to pay: it is left out here,
  /// and becomes exposure where the call is paid. A count so large that its price does not fit is a
  /// provider's error; it must not keep the hold from ending.
  private static Nanos price(Quantities quantities, Tariff tariff) {
    try {
      Nanos price = tariff.charge(tariff.priced(quantities));
      return price.compareTo(ABSURD) > 0 ? ABSURD : price;
    } catch (ArithmeticException _) {
      return ABSURD;
    }
  }
}
