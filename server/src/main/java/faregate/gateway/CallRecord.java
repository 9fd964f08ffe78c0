package faregate.gateway;

import faregate.catalog.Offer;
import faregate.http.Visit;
import faregate.id.OfferId;
import faregate.identity.Caller;
import faregate.kit.Clock;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import faregate.usage.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What is noted of a call beside its money, as it becomes known.
final class CallRecord {
  private static final String SESSION = "x-hf-session-id";
  private static final int SESSION_CHARS_MAX = 256;
  private final Caller caller;
  private final Clock clock;
  private final boolean stream;
  private final String session;
  private final long startedMicros;
  private final long startedNanos;
  private String model = "";
  private OfferId offer = new OfferId("", "");
  private boolean onOwnKey;
  private String tariffVersion = "";
  private String providerRequestId = "";
  private int firstByteMillis = -1;
  private String course = "";
  private final List<Facts.Exposed> exposed = new ArrayList<>();

  /// @param startedMicros ledger time
  CallRecord(Visit visit, Caller caller, boolean stream, Clock clock, long startedMicros) {
    this.caller = caller;
    this.clock = clock;
    this.stream = stream;
    this.startedMicros = startedMicros;
    this.startedNanos = clock.nanoTime();
    String told = Objects.requireNonNullElse(visit.header(SESSION), "");
    this.session = told.length() > SESSION_CHARS_MAX ? told.substring(0, SESSION_CHARS_MAX) : told;
  }

  /// The conversation, told apart by user so that nobody moves somebody else's; empty without one.
  String conversation() {
    return session.isEmpty() ? "" : caller.user() + " " + session;
  }

  void asked(String modelName) {
    model = modelName;
  }

  void attempted(Offer attempted) {
    offer = attempted.id();
    onOwnKey = attempted.isOnOwnKey();
    tariffVersion = version(attempted);
  }

  private static String version(Offer offer) {
    return offer.tariff() == null ? "" : offer.tariff().version();
  }

  void served(String requestId, long millis) {
    providerRequestId = requestId;
    firstByteMillis = (int) Math.min(millis, Integer.MAX_VALUE);
  }

  /// In what way it came to its end.
  void ended(String how) {
    course = how;
  }

  /// An attempt may be billed although it brought nothing.
  void exposed(Offer attempted, Nanos bound) {
    exposed.add(new Facts.Exposed(attempted.id(), bound));
  }

  int firstByteMillis() {
    return firstByteMillis;
  }

  /// Since the request came.
  long millis() {
    return (clock.nanoTime() - startedNanos) / 1_000_000;
  }

  /// Who asks for what, at whose price: opaque to the ledger.
  ///
  /// @param first the offer of the first attempt
  String ref(Offer first) {
    return new Stamp(caller.token().toString(), model, first.provider(), version(first)).text();
  }

  String model() {
    return model;
  }

  byte[] facts(Quantities quantities) {
    Facts facts =
        new Facts(
            caller.token(),
            caller.user(),
            model,
            offer,
            tariffVersion,
            quantities,
            stream,
            session,
            providerRequestId,
            startedMicros,
            firstByteMillis,
            (int) Math.min(millis(), Integer.MAX_VALUE),
            course,
            exposed);
    return FactsCodec.encode(
        onOwnKey || caller.payer().isOrganization() ? facts.with(payment()) : facts);
  }

  /// The provider bills the caller, or an organization pays: who spent it is told beside.
  private Facts.Payment payment() {
    return new Facts.Payment(
        onOwnKey, caller.payer().isOrganization() ? caller.user().value() : 0, "", caller.group());
  }
}
