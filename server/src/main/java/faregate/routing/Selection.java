package faregate.routing;

import faregate.catalog.Offer;
import faregate.catalog.Provider;
import faregate.catalog.Snapshot;
import faregate.health.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The offers of one model, narrowed to those that may be attempted. One per request, not shared.
final class Selection {
  private static final int HINTS_MAX = 3;

  private final Ask ask;
  private final ModelName name;
  private final Snapshot snapshot;
  private final Health health;
  private List<Offer> offers;

  /// The one whose trial this request is to make; null where it makes none.
  private @Nullable Offer trial;

  /// The one that the client named, empty where it named none.
  private String provider = "";

  Selection(Ask ask, ModelName name, Snapshot snapshot, Health health) {
    this.ask = ask;
    this.name = name;
    this.snapshot = snapshot;
    this.health = health;
    this.offers = snapshot.offers(name.model());
  }

  /// @param policies the suffixes that are no providers
  /// @return the reason why nothing is left, null when something is
  @Nullable Refusal narrow(Set<String> policies) {
    if (offers.isEmpty()) {
      return new Refusal.UnknownModel(ask.model(), similar());
    }
    String suffix = name.suffix();
    Refusal refusal = suffix == null || policies.contains(suffix) ? null : pin(suffix);
    if (refusal == null) {
      refusal = keepAble();
    }
    if (refusal == null && keepOwn()) {
      return null;
    }
    if (refusal == null) {
      refusal = keepLive();
    }
    if (refusal == null) {
      refusal = keepPriced();
    }
    if (refusal == null) {
      refusal = keepRested();
    }
    if (refusal == null && provider.isEmpty()) {
      keepTrusted();
    }
    return refusal;
  }

  List<Offer> offers() {
    return offers;
  }

  /// The offer whose trial is this request's: unless it is asked first, it may never be asked.
  @Nullable Offer trial() {
    return trial;
  }

  /// Those that the catalogue knows to be able to do all that is needed.
  List<Offer> knownAble() {
    return only(this::isKnownAble);
  }

  /// Those of which it does not know.
  List<Offer> perhapsAble() {
    return only(offer -> !isKnownAble(offer));
  }

  private @Nullable Refusal pin(String slug) {
    List<Offer> all = offers;
    if (snapshot.provider(slug) == null) {
      return new Refusal.UnknownSuffix(ask.model(), slug, slugs(all));
    }
    provider = slug;
    offers = only(offer -> offer.provider().equals(slug));
    return offers.isEmpty() ? new Refusal.NotAtProvider(ask.model(), slug, slugs(all)) : null;
  }

  private @Nullable Refusal keepAble() {
    offers = only(this::isAble);
    if (!offers.isEmpty()) {
      return null;
    }
    return new Refusal.NotAble(ask.model(), provider, lacking(), elsewhere());
  }

  /// Where the payer has a key of its own for one of the providers, only such are asked: a call
  /// never goes from the caller's account with a provider to the wallet, nor back. What is believed
  /// of them by experience with the operator's key does not count.
  ///
  /// @return whether there are any
  private boolean keepOwn() {
    if (ask.ownKeys().isEmpty()) {
      return false;
    }
    List<Offer> own = offers.stream().filter(this::isOwn).map(Offer::onOwnKey).toList();
    if (own.isEmpty()) {
      return false;
    }
    offers = own;
    return true;
  }

  private boolean isOwn(Offer offer) {
    Provider at = snapshot.provider(offer.provider());
    return at != null
        && at.takesOwnKeys()
        && ask.ownKeys().contains(offer.provider())
        && !ask.disabled().contains(offer.provider())
        && (offer.isLive() || offer.state() == Offer.State.NO_KEY);
  }

  private List<String> elsewhere() {
    Stream<String> able =
        provider.isEmpty()
            ? snapshot.models().entrySet().stream()
                .filter(model -> model.getValue().stream().anyMatch(this::isReady))
                .map(model -> model.getKey())
            : snapshot.offers(name.model()).stream()
                .filter(this::isAble)
                .map(offer -> offer.model() + ":" + offer.provider());
    return able.limit(HINTS_MAX).toList();
  }

  private @Nullable Refusal keepLive() {
    List<Offer> able = offers;
    offers = only(offer -> offer.isLive() && !ask.disabled().contains(offer.provider()));
    if (!offers.isEmpty()) {
      return null;
    }
    List<String> wanting =
        able.stream()
            .filter(offer -> offer.state() == Offer.State.NO_KEY)
            .filter(offer -> offer.tariff() != null)
            .map(offer -> wanting(offer.provider()))
            .distinct()
            .toList();
    return new Refusal.NoLiveOffer(ask.model(), wanting, needing());
  }

  private @Nullable Refusal keepPriced() {
    List<Offer> live = offers;
    offers = only(offer -> offer.tariff() != null);
    return offers.isEmpty() ? new Refusal.Unpriced(ask.model(), slugs(live)) : null;
  }

  private @Nullable Refusal keepRested() {
    List<Offer> priced = offers;
    offers = only(offer -> health.cooling(offer.id()).isZero());
    if (!offers.isEmpty()) {
      return null;
    }
    Duration rest =
        priced.stream()
            .map(offer -> health.cooling(offer.id()))
            .min(Comparator.naturalOrder())
            .orElse(Duration.ZERO);
    return new Refusal.Cooling(ask.model(), slugs(priced), rest);
  }

  /// Leaves out what is not trusted, save for one offer at most whose trial is due: with more of
  /// them, a request could meet nothing but doubtful offers.
  private void keepTrusted() {
    List<Offer> kept = new ArrayList<>(only(offer -> health.isTrusted(offer.id())));
    if (kept.isEmpty() || kept.size() == offers.size()) {
      return;
    }
    trial =
        offers.stream()
            .filter(offer -> !kept.contains(offer) && health.claimTrial(offer.id()))
            .findFirst()
            .orElse(null);
    if (trial != null) {
      kept.add(trial);
    }
    offers = kept;
  }

  private boolean isAble(Offer offer) {
    return offer.task().equals(ask.task())
        && (ask.needs().isEmpty()
            || ask.needs().stream().allMatch(need -> !Boolean.FALSE.equals(need.of(offer))));
  }

  private boolean isKnownAble(Offer offer) {
    return ask.needs().isEmpty()
        || ask.needs().stream().allMatch(need -> Boolean.TRUE.equals(need.of(offer)));
  }

  private boolean isReady(Offer offer) {
    return offer.isLive() && offer.tariff() != null && isAble(offer);
  }

  private List<String> lacking() {
    return needing().isEmpty() ? List.of("the task " + ask.task()) : needing();
  }

  private List<String> needing() {
    return ask.needs().stream().sorted().map(Ability::words).toList();
  }

  private String wanting(String slug) {
    Provider provider = snapshot.provider(slug);
    if (provider == null || provider.baseUrl() == null) {
      return slug + " (give providers." + slug + ".base_url in the configuration)";
    }
    return provider.keyVariable() == null
        ? slug + " (give providers." + slug + ".key in the configuration)"
        : slug + " (set " + provider.keyVariable() + ")";
  }

  private List<String> similar() {
    String wanted = name.model().toLowerCase(Locale.ROOT);
    String bare = wanted.substring(wanted.lastIndexOf('/') + 1);
    return snapshot.models().keySet().stream()
        .filter(model -> bare.equals(bare(model)))
        .limit(HINTS_MAX)
        .toList();
  }

  private static String bare(String model) {
    return model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
  }

  private static List<String> slugs(List<Offer> offers) {
    return offers.stream().map(Offer::provider).distinct().toList();
  }

  /// Mostly all of them are wanted, and mostly there are few: so no list is made for nothing.
  private List<Offer> only(Predicate<Offer> wanted) {
    for (int at = 0; at < offers.size(); at++) {
      if (!wanted.test(offers.get(at))) {
        return offers.stream().filter(wanted).toList();
      }
    }
    return offers;
  }
}
