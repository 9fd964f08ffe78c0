package faregate.usage;

import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import java.util.ArrayList;
import java.util.List;

/// Facts as bytes: a version, then numbered fields in any order, each a number or a text.
///
/// A field that has its usual value (0, empty, false) is left out, and one that is not known is
/// skipped: so a release can add fields while older ones still read. The numbers of fields and
/// meters are written in rows that are kept for years: never change one, never use one again.
public final class FactsCodec {
  private static final int VERSION = 1;
  private static final int TOKEN = 1;
  private static final int USER = 2;
  private static final int MODEL = 3;
  private static final int PROVIDER = 4;
  private static final int PROVIDER_MODEL = 5;
  private static final int TARIFF_VERSION = 6;
  private static final int STREAM = 7;
  private static final int SESSION = 8;
  private static final int PROVIDER_REQUEST = 9;
  private static final int STARTED = 10;
  private static final int FIRST_BYTE_PLUS_ONE = 11;
  private static final int DURATION = 12;
  private static final int COURSE = 13;

  /// Comes once for each of them, and is followed by the other two.
  private static final int EXPOSED_PROVIDER = 14;

  private static final int EXPOSED_MODEL = 15;
  private static final int EXPOSED_BOUND = 16;
  private static final int BYOK = 17;
  private static final int ACCOUNT = 18;
  private static final int BILLING_REFERENCE = 19;
  private static final int GROUP = 20;
  private static final int METERS = 32;

  private FactsCodec() {}

  public static byte[] encode(Facts facts) {
    FieldWriter to = new FieldWriter(VERSION);
    to.number(TOKEN, facts.token().value());
    to.number(USER, facts.user().value());
    to.text(MODEL, facts.model());
    to.text(PROVIDER, facts.offer().provider());
    to.text(PROVIDER_MODEL, facts.offer().providerModel());
    to.text(TARIFF_VERSION, facts.tariffVersion());
    to.number(STREAM, facts.stream() ? 1 : 0);
    to.text(SESSION, facts.session());
    to.text(PROVIDER_REQUEST, facts.providerRequestId());
    to.number(STARTED, facts.startedMicros());
    to.number(FIRST_BYTE_PLUS_ONE, facts.firstByteMillis() + 1L);
    to.number(DURATION, facts.durationMillis());
    to.text(COURSE, facts.course());
    for (Facts.Exposed exposed : facts.exposed()) {
      to.text(EXPOSED_PROVIDER, exposed.offer().provider());
      to.text(EXPOSED_MODEL, exposed.offer().providerModel());
      to.number(EXPOSED_BOUND, exposed.bound().value());
    }
    to.number(BYOK, facts.payment().byok() ? 1 : 0);
    to.number(ACCOUNT, facts.payment().account());
    to.text(BILLING_REFERENCE, facts.payment().billingReference());
    to.number(GROUP, facts.payment().group());
    for (Meter meter : Meter.values()) {
      to.number(METERS + number(meter), facts.quantities().of(meter));
    }
    return to.bytes();
  }

  /// @throws IllegalArgumentException when these are no facts, or of a version that broke with ours
  public static Facts decode(byte[] bytes) {
    FieldReader from = new FieldReader(bytes);
    if (from.version() != VERSION) {
      throw new IllegalArgumentException(
          "facts of version " + from.version() + "; this release reads version " + VERSION);
    }
    FactsFields fields = new FactsFields();
    while (from.next()) {
      take(fields, from);
    }
    return fields.facts();
  }

  private static void take(FactsFields fields, FieldReader from) {
    switch (from.field()) {
      case TOKEN -> fields.token = from.number();
      case USER -> fields.user = from.number();
      case MODEL -> fields.model = from.text();
      case PROVIDER -> fields.provider = from.text();
      case PROVIDER_MODEL -> fields.providerModel = from.text();
      case TARIFF_VERSION -> fields.tariffVersion = from.text();
      case STREAM -> fields.stream = from.number() == 1;
      case SESSION -> fields.session = from.text();
      case PROVIDER_REQUEST -> fields.providerRequestId = from.text();
      case STARTED -> fields.startedMicros = from.number();
      case FIRST_BYTE_PLUS_ONE -> fields.firstByteMillis = Math.toIntExact(from.number() - 1);
      case DURATION -> fields.durationMillis = Math.toIntExact(from.number());
      case COURSE -> fields.course = from.text();
      case EXPOSED_PROVIDER -> fields.exposedProvider = from.text();
      case EXPOSED_MODEL -> fields.exposedModel = from.text();
      case EXPOSED_BOUND ->
          fields.exposed.add(
              new Facts.Exposed(
                  new OfferId(fields.exposedProvider, fields.exposedModel),
                  Nanos.of(from.number())));
      case BYOK -> fields.byok = from.number() == 1;
      case ACCOUNT -> fields.account = from.number();
      case BILLING_REFERENCE -> fields.billingReference = from.text();
      case GROUP -> fields.group = from.number();
      default -> takeMeter(fields, from);
    }
  }

  private static void takeMeter(FactsFields fields, FieldReader from) {
    for (Meter meter : Meter.values()) {
      if (from.field() == METERS + number(meter)) {
        fields.quantities = fields.quantities.with(meter, from.number());
      }
    }
  }

  private static int number(Meter meter) {
    return switch (meter) {
      case INPUT_TOKEN -> 0;
      case CACHED_INPUT_TOKEN -> 1;
      case CACHE_WRITE_TOKEN -> 2;
      case OUTPUT_TOKEN -> 3;
      case IMAGE -> 4;
      // 5 and 7 were whole seconds, which nothing ever wrote.
      case CHARACTER -> 6;
      case REQUEST -> 8;
      case CACHE_WRITE_HOUR_TOKEN -> 9;
      case REASONING_TOKEN -> 10;
      case AUDIO_INPUT_TOKEN -> 11;
      case AUDIO_OUTPUT_TOKEN -> 12;
      case IMAGE_INPUT_TOKEN -> 13;
      case IMAGE_OUTPUT_TOKEN -> 14;
      case INPUT_IMAGE -> 15;
      case AUDIO_MILLISECOND -> 16;
      case COMPUTE_MILLISECOND -> 17;
      case SEARCH -> 18;
      case BILLED_MILLIUNIT -> 19;
    };
  }

  /// What was read so far.
  private static final class FactsFields {
    private long token;
    private long user;
    private String model = "";
    private String provider = "";
    private String providerModel = "";
    private String tariffVersion = "";
    private Quantities quantities = Quantities.NONE;
    private boolean stream;
    private String session = "";
    private String providerRequestId = "";
    private long startedMicros;
    private int firstByteMillis = -1;
    private int durationMillis;
    private String course = "";
    private String exposedProvider = "";
    private String exposedModel = "";
    private final List<Facts.Exposed> exposed = new ArrayList<>();
    private boolean byok;
    private long account;
    private String billingReference = "";
    private long group;

    private Facts facts() {
      return new Facts(
          new TokenId(token),
          new UserId(user),
          model,
          new OfferId(provider, providerModel),
          tariffVersion,
          quantities,
          stream,
          session,
          providerRequestId,
          startedMicros,
          firstByteMillis,
          durationMillis,
          course,
          exposed,
          new Facts.Payment(byok, account, billingReference, group));
    }
  }
}
