package faregate.cli;

import static java.util.stream.Collectors.joining;

import faregate.catalog.CatalogSettings;
import faregate.catalog.CatalogSettings.OfferSettings;
import faregate.catalog.CatalogSettings.RoutingSettings;
import faregate.catalog.ProviderSettings;
import faregate.gateway.CallSettings;
import faregate.http.ServerSettings;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.kit.Environment;
import faregate.kit.Secret;
import faregate.kit.Settings;
import faregate.kit.SettingsException;
import faregate.limit.RateRule;
import faregate.money.Nanos;
import faregate.reconcile.ReconcileSettings;
import faregate.store.NodeSettings;
import faregate.store.PostgresUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All that the operator can set, one component for each section of the file. README.md has a row
/// for every key, and a test holds it to that.
///
/// @param providers by slug
record Config(
    Listen listen,
    Limits limits,
    Log log,
    Tiers tiers,
    CallSettings calls,
    Map<String, ProviderSettings> providers,
    OfferSettings offers,
    RoutingSettings routing,
    Database database,
    NodeSettings nodes,
    ReconcileSettings reconcile,
    Retention retention,
    List<RateRule> rateLimits) {

  Config {
    rateLimits = List.copyOf(rateLimits);
    for (RateRule rule : rateLimits) {
      if (rule.tier() != null && Stream.of(Tier.values()).noneMatch(isNamed(rule.tier()))) {
        throw new IllegalArgumentException(
            "rate_limits: there is no tier '%s'. Take one of %s."
                .formatted(
                    rule.tier(), Stream.of(Tier.values()).map(Tier::text).collect(joining(", "))));
      }
    }
  }

  private static Predicate<Tier> isNamed(String text) {
    return tier -> tier.text().equals(text);
  }

  static Config defaults() {
    CatalogSettings catalog = CatalogSettings.defaults();
    return new Config(
        Listen.defaults(),
        Limits.defaults(),
        Log.defaults(),
        Tiers.defaults(),
        CallSettings.defaults(),
        catalog.providers(),
        catalog.offers(),
        catalog.routing(),
        Database.defaults(),
        NodeSettings.defaults(),
        ReconcileSettings.defaults(),
        Retention.defaults(),
        RateRule.STANDARD);
  }

  /// @param file null for none
  /// @throws SettingsException when anything in it cannot be used
  static Config read(@Nullable Path file, Environment environment) {
    return Settings.read(Config.class, file, environment);
  }

  /// The same on another database.
  Config withDatabase(Secret url) {
    return new Config(
        listen,
        limits,
        log,
        tiers,
        calls,
        providers,
        offers,
        routing,
        new Database(
            url,
            database.user(),
            database.password(),
            database.passwordFile(),
            database.connectionsMax(),
            database.distributed()),
        nodes,
        reconcile,
        retention,
        rateLimits);
  }

  CatalogSettings catalog() {
    return new CatalogSettings(providers, offers, routing);
  }

  /// @param port 0 picks a free one
  ServerSettings server(int port) {
    return ServerSettings.on(listen.host(), port)
        .withBodyBytesMax(limits.bodyBytesMax())
        .withTimeouts(limits.headTimeout(), limits.slowSender(), limits.idleTimeout());
  }

  /// @param host the address to listen on; `0.0.0.0` for all
  /// @param port 0 picks a free one
  record Listen(String host, int port) {
    Listen {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
      }
    }

    static Listen defaults() {
      return new Listen("127.0.0.1", 8080);
    }
  }

  /// What is kept for how long.
  ///
  /// @param callMonths whole months beside the current one for which single calls are kept; 0 for
  ///   ever
  record Retention(int callMonths) {
    private static final int MOST = 1_200;

    Retention {
      if (callMonths < 0 || callMonths > MOST) {
        throw new IllegalArgumentException(
            "call_months " + callMonths + " is not between 0 (for ever) and " + MOST);
      }
    }

    static Retention defaults() {
      return new Retention(0);
    }
  }

  /// The shared database, where there is one.
  ///
  /// @param url of a PostgreSQL; null for the SQLite file in the data folder. A secret, since it
  ///   may hold a password
  /// @param passwordFile its first line is the password, where none is given
  /// @param connectionsMax for everything but the ledger, whose connections are its own
  /// @param distributed whether it spreads its rows over several machines, by bucket
  record Database(
      @Nullable Secret url,
      @Nullable String user,
      @Nullable Secret password,
      @Nullable Path passwordFile,
      int connectionsMax,
      boolean distributed) {
    Database {
      if (connectionsMax < 2 || connectionsMax > 100) {
        throw new IllegalArgumentException(
            "connections_max " + connectionsMax + " is not between 2 and 100");
      }
    }

    /// As people are told of it, without a password.
    String shown() {
      return url == null ? "the SQLite file in its data folder" : PostgresUrl.parse(url).shown();
    }

    static Database defaults() {
      return new Database(null, null, null, null, 8, false);
    }
  }

  /// @param bodyBytesMax the largest request body
  /// @param headTimeout how long the head of a request may take
  /// @param slowSender in each such span a body must bring 4 KiB
  /// @param idleTimeout how long a connection may rest between requests
  /// @param drain how long running answers may take when the server is told to stop
  record Limits(
      int bodyBytesMax,
      Duration headTimeout,
      Duration slowSender,
      Duration idleTimeout,
      Duration drain) {
    Limits {
      if (bodyBytesMax < 1024) {
        throw new IllegalArgumentException(
            "body_bytes_max " + bodyBytesMax + " is too small to be useful; take 1KiB or more");
      }
    }

    static Limits defaults() {
      ServerSettings server = ServerSettings.on("127.0.0.1", 0);
      return new Limits(
          server.bodyBytesMax(),
          server.headTimeout(),
          server.slowSender(),
          server.idleTimeout(),
          Duration.ofSeconds(30));
    }
  }

  /// @param file null for standard error
  record Log(LogLevel level, LogFormat format, @Nullable Path file) {
    static Log defaults() {
      return new Log(LogLevel.INFO, LogFormat.AUTO, null);
    }
  }

  /// How much our own rooms say.
  enum LogLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /// How a line looks.
  enum LogFormat {
    /// Text where a person looks on, else JSON.
    AUTO,
    TEXT,
    JSON
  }

  /// What each tier is granted a month, in USD.
  ///
  /// @param payAsYouGoUsd what an account above the free tier may spend in a month beyond its
  ///   credit, where no limit of its own was set
  /// @param creditCanBeBought whether refusals say so
  record Tiers(
      Nanos freeUsd,
      Nanos proUsd,
      Nanos teamUsd,
      Nanos enterpriseUsd,
      Nanos payAsYouGoUsd,
      boolean creditCanBeBought) {
    static Tiers defaults() {
      TierSettings standard = TierSettings.standard();
      return new Tiers(
          standard.monthly(Tier.FREE),
          standard.monthly(Tier.PRO),
          standard.monthly(Tier.TEAM),
          standard.monthly(Tier.ENTERPRISE),
          standard.payAsYouGo(),
          standard.mayBuy());
    }

    TierSettings settings() {
      return new TierSettings(
          Map.of(
              Tier.FREE, freeUsd,
              Tier.PRO, proUsd,
              Tier.TEAM, teamUsd,
              Tier.ENTERPRISE, enterpriseUsd),
          payAsYouGoUsd,
          creditCanBeBought);
    }
  }
}
