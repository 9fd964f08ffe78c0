package faregate.prove;

import faregate.http.EventLoops;
import faregate.kit.Clock;
import faregate.kit.Json;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// One proof, from the first start to the verdict.
public final class Proof implements AutoCloseable {
  private static final long MONTH_END_PART = 3;
  private static final long QUIET_MILLIS_MAX = 30_000;
  private static final long STEP_MILLIS = 200;

  private final ProofSettings settings;
  private final Consumer<String> progress;
  private final Clock clock = Clock.system();
  private final RandomSource random = RandomSource.secure();
  private final Path folder;
  private final Vertx vertx;
  private final Providers providers;
  private final Site site;
  private final Calendar calendar;
  private final List<Gateway> gateways = new ArrayList<>();
  private List<Mishap.Kind> planned = List.of();
  private String fallen = "";

  /// @param folder empty; everything is written there
  /// @param binaries of PostgreSQL, where one of its own is asked for
  /// @param progress told in words what is going on
  public Proof(ProofSettings settings, Path folder, Path binaries, Consumer<String> progress) {
    this.settings = settings;
    this.folder = folder;
    this.progress = progress;
    this.site = site(binaries);
    this.vertx = EventLoops.start(1);
    this.providers = Providers.start(vertx);
    Path shift = folder.resolve("clock");
    this.calendar = new Calendar(clock, shift, site);
    for (int number = 0; number < settings.nodes(); number++) {
      gateways.add(
          new Gateway(number, data(number), shift, settings.sabotageText(), site.environment()));
    }
  }

  private Site site(Path binaries) {
    if (settings.store() == Store.SQLITE) {
      return new SqliteSite(data(0));
    }
    Secret database = settings.database();
    return database == null
        ? PostgresSite.own(new PostgresServer(binaries, folder), settings.times())
        : PostgresSite.at(database, settings.times());
  }

  private Path data(int number) {
    return folder.resolve("gateway-" + (number + 1));
  }

  /// What came out of it.
  ///
  /// @param verdict what the books say
  /// @param mishaps what was done
  /// @param months how many months the ledger's time was in
  public record Result(Verdict verdict, List<Mishap> mishaps, int months) {
    long kills() {
      return mishaps.stream()
          .filter(
              each -> each.kind() == Mishap.Kind.KILL || each.kind() == Mishap.Kind.DATABASE_KILL)
          .count();
    }

    /// What belongs to a whole run and was not done; empty for nothing.
    ///
    /// @param planned what was to be done: at least one of each kind
    Optional<String> untried(List<Mishap.Kind> planned) {
      Set<Mishap.Kind> done = EnumSet.noneOf(Mishap.Kind.class);
      mishaps.forEach(mishap -> done.add(mishap.kind()));
      Optional<String> kind =
          planned.stream()
              .filter(each -> !done.contains(each))
              .map(each -> "no " + each.words())
              .findFirst();
      return kind.isPresent() || months > 1 ? kind : Optional.of("no month's end");
    }
  }

  /// Carries it out. Blocks until all is compared.
  ///
  /// @throws ProofException when something did not come up that has nothing to do with the ledger
  public Result run() throws InterruptedException {
    Dice dice = new Dice(settings.seed());
    long spanMillis = settings.load().toMillis();
    site.begin();
    configure();
    calendar.begin(spanMillis / MONTH_END_PART);
    int minutes = (int) (spanMillis / 60_000) + 1;
    Population population = Population.make(site, calendar.clock(), random, dice.child(), minutes);
    gateways.forEach(Gateway::launch);
    for (Gateway gateway : gateways) {
      gateway.await();
      progress.accept("gateway " + (gateway.number() + 1) + " serves");
    }
    Calamity calamity = new Calamity(gateways, site, calendar, clock, progress);
    Crowd crowd = new Crowd(population, gateways, clock);
    try {
      crowd.start(dice.child());
      strike(calamity, dice, spanMillis);
      waitUntil(() -> crowd.calls() >= settings.calls() || !fallen.isEmpty(), spanMillis);
      crowd.stop();
      progress.accept(crowd.calls() + " calls made; waiting until all is quiet");
      return compare(population, crowd, calamity);
    } finally {
      crowd.close();
    }
  }

  private void strike(Calamity calamity, Dice dice, long spanMillis) throws InterruptedException {
    List<Mishap.Kind> schedule =
        calamity.schedule(dice.child(), settings.kills(), settings.mishaps());
    if (settings.sabotage() != null) {
      // That the proof bites is to be seen soon, and a stop past death takes longest.
      schedule.remove(Mishap.Kind.STOP);
    }
    planned = List.copyOf(schedule);
    progress.accept("to come, in an order that follows from the seed:");
    Mishap.counts(schedule).forEach((kind, times) -> progress.accept(times + " x " + kind.words()));
    if (site.deathMillis() > 0) {
      progress.accept(
          "a gateway that is silent for %d s counts as dead".formatted(site.deathMillis() / 1_000));
    }
    try {
      calamity.strike(schedule, dice.child(), spanMillis);
    } catch (ProofException e) {
      fallen = String.valueOf(e.getMessage());
      progress.accept(fallen);
    }
  }

  private void configure() {
    String text =
        """
        tiers:
          free_usd: %s
        calls:
          seconds_max: 15
          line_seconds_max: 1
          header_seconds_max: 4
          stall_seconds_max: 4
          settle_seconds_max: 10
        limits:
          drain: 5s
        log:
          format: text
        """
            .formatted(Population.MONTHLY_USD);
    try {
      for (Gateway gateway : gateways) {
        Files.createDirectories(gateway.data());
        Files.writeString(
            gateway.data().resolve("faregate.yaml"),
            text + providers.configuration() + site.configuration());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the gateways cannot be configured", e);
    }
  }

  // ---- the end ----

  private Result compare(Population population, Crowd crowd, Calamity calamity)
      throws InterruptedException {
    waitUntil(() -> !providers.isBusy(), QUIET_MILLIS_MAX);
    try (Connection connection = site.look()) {
      BooksSql rows = new BooksSql(connection);
      waitUntil(() -> rows.openHolds() == 0, site.graceMillis());
      long open = rows.openHolds();
      List<String> unserved =
          open == 0 && fallen.isEmpty() ? serve(population, crowd, rows) : List.of();
      waitUntil(() -> rows.openHolds() == open, site.graceMillis());
      String finding = fallen.isEmpty() ? audit() : "";
      for (Gateway gateway : gateways) {
        gateway.stop();
      }
      Books books =
          new Books(
              population.books(calendar.months()),
              crowd.notes(),
              providers.bills(),
              rows.ended(),
              rows.lots(),
              calamity.mishaps(),
              Math.max(open, rows.openHolds()),
              unserved,
              finding);
      return result(Comparison.of(books), calamity);
    } catch (SQLException e) {
      throw new ProofException("the ledger's rows cannot be read", e);
    }
  }

  private Result result(Verdict verdict, Calamity calamity) {
    if (verdict.isClean() && !fallen.isEmpty()) {
      throw new ProofException(fallen);
    }
    Result result = new Result(verdict, calamity.mishaps(), calendar.months());
    if (verdict.isClean()) {
      mustHaveTried(result);
    }
    return result;
  }

  /// Zeros of a run in which little happened would prove nothing.
  private void mustHaveTried(Result result) {
    long told = result.verdict().told();
    if (result.verdict().calls() < settings.calls() || told < settings.calls() / 2) {
      throw new ProofException(
          "too little was tried to prove anything: %d calls and %d costs told, of which %d and %d belong to such a run. Give it longer by --minutes, or a machine that does less beside it"
              .formatted(result.verdict().calls(), told, settings.calls(), settings.calls() / 2));
    }
    if (result.kills() < settings.kills()) {
      throw new ProofException(
          "too little was tried to prove anything: %d kills, of which %d belong to such a run"
              .formatted(result.kills(), settings.kills()));
    }
    if (settings.isWhole()) {
      result
          .untried(planned)
          .ifPresent(
              what -> {
                throw new ProofException(
                    "too little was tried to prove anything: "
                        + what
                        + ". Run it again, with another --seed or longer by --minutes");
              });
    }
  }

  /// Whoever has credit is served, and nearly all of it can be held.
  private List<String> serve(Population population, Crowd crowd, BooksSql rows)
      throws InterruptedException, SQLException {
    List<String> unserved = new ArrayList<>();
    for (Payer payer : population.payers()) {
      long available = rows.available(population.wallet(payer.wallet()), calendar.nowMicros());
      if (available > 4 * Order.PROMPT_NANOS_MAX) {
        Gateway gateway = gateways.get(payer.wallet() % gateways.size());
        CallNote note = crowd.last(gateway, payer, available);
        if (note.end() != CallNote.End.ANSWERED) {
          unserved.add(
              "wallet payer-%d has %d left and was not served at the end: %s"
                  .formatted(payer.wallet(), available, note));
        }
      }
    }
    return unserved;
  }

  /// What the product's own audit finds wrong; empty for nothing.
  private String audit() throws InterruptedException {
    Gateway gateway = gateways.getFirst();
    List<String> arguments = List.of("audit", "--json", "--data", gateway.data().toString());
    try {
      Process process = Program.command(gateway.log(), arguments, site.environment());
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      JsonNode report = Json.MAPPER.readTree(said.isBlank() ? "{}" : said);
      if (report.path("clean").asBoolean(false)) {
        return "";
      }
      return report.path("wrong").asString("it left with " + code + " and said nothing");
    } catch (IOException e) {
      throw new UncheckedIOException("audit cannot be run", e);
    }
  }

  private interface Condition {
    boolean holds() throws SQLException;
  }

  private void waitUntil(Condition condition, long millisMax) throws InterruptedException {
    long until = clock.nanoTime() + millisMax * 1_000_000;
    try {
      while (!condition.holds() && clock.nanoTime() - until < 0) {
        Thread.sleep(STEP_MILLIS);
      }
    } catch (SQLException e) {
      throw new ProofException("the ledger's rows cannot be read", e);
    }
  }

  @Override
  public void close() {
    gateways.forEach(Gateway::close);
    providers.close();
    vertx.close().await();
    site.close();
  }
}
