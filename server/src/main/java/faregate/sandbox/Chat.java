package faregate.sandbox;

import faregate.http.Envelope;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.kit.Clock;
import faregate.kit.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Plays chat completions.
final class Chat {
  /// Bodies above this are counted off the event loop.
  private static final int COUNT_ON_LOOP_BYTES = 4 << 10;

  private static final int KEYS_MAX = 10_000;

  /// Of all choices together: an answer that is not streamed is made in memory.
  private static final int ANSWER_TOKENS_MAX = 1 << 19;

  /// Of what the book keeps of a client's own words.
  private static final int NOTE_CHARACTERS_MAX = 256;

  private final Vertx vertx;
  private final SandboxSettings settings;
  private final Clock clock;
  private final Bill bill;
  private final Map<String, AtomicInteger> callsByKey = new ConcurrentHashMap<>();

  private volatile @Nullable Voice voice;

  /// What needs the tokenizer.
  private record Voice(PromptCount count, Author author) {}

  /// A request, thought through: what will be said and what it will cost.
  private record Plan(
      ChatRequest request, SandboxModel model, int promptTokens, int reasoning, Reply reply) {
    int wholeTokens() {
      return reply.tokens() * request.choices() + reasoning;
    }
  }

  Chat(Vertx vertx, SandboxSettings settings, Clock clock, Bill bill) {
    this.vertx = vertx;
    this.settings = settings;
    this.clock = clock;
    this.bill = bill;
  }

  /// Loads the tokenizer, if nobody did; takes a while.
  synchronized boolean warmUp() {
    if (voice == null) {
      Tokens tokens = new Tokens();
      voice = new Voice(new PromptCount(tokens), new Author(tokens));
    }
    return true;
  }

  void handle(Visit visit) {
    visit.response().putHeader("inference-id", visit.id().text());
    visit
        .body()
        .compose(
            body ->
                voice != null && body.length() <= COUNT_ON_LOOP_BYTES
                    ? Future.succeededFuture(plan(body))
                    : vertx.executeBlocking(() -> plan(body), false).map(Objects::requireNonNull))
        .onSuccess(plan -> play(visit, plan))
        .onFailure(visit::fail);
  }

  private Plan plan(Buffer body) {
    ChatRequest asked = ChatRequest.parse(body, settings.faults());
    ChatRequest request = isUsedUp(asked.faults()) ? asked.calm() : asked;
    SandboxModel model = model(request.model());
    if (voice == null) {
      warmUp();
    }
    Voice speaker = Objects.requireNonNull(voice);
    int prompt = speaker.count().of(request);
    int room = model.contextTokens() - prompt;
    if (room < 1 || (request.limit() > room && request.limit() <= model.contextTokens())) {
      throw Problem.badRequest(
              "context_length_exceeded",
              "This model's maximum context length is "
                  + model.contextTokens()
                  + " tokens. However, your messages resulted in "
                  + prompt
                  + " tokens.")
          .withParam("messages")
          .asException();
    }
    int reasoning = request.faults().number("reasoning_tokens", 0);
    int most = Math.min(room, model.outputTokensMax());
    int limit = request.limit() == 0 ? most : Math.min(most, request.limit());
    Reply reply = speaker.author().write(request, model, limit - reasoning);
    if ((long) reply.tokens() * request.choices() > ANSWER_TOKENS_MAX) {
      throw Problem.badRequest(
              null,
              "'n' choices of %d tokens each are more than the sandbox says at once, which is %d. Lower 'n'."
                  .formatted(reply.tokens(), ANSWER_TOKENS_MAX))
          .withParam("n")
          .asException();
    }
    return new Plan(request, model, prompt, reasoning, reply);
  }

  /// Whether the faults of this call's key have struck as often as they should.
  private boolean isUsedUp(Faults faults) {
    if (!faults.has("times")) {
      return false;
    }
    if (callsByKey.size() > KEYS_MAX) {
      callsByKey.clear();
    }
    String key = Objects.requireNonNullElse(faults.text("key"), "");
    int call = callsByKey.computeIfAbsent(key, _ -> new AtomicInteger()).incrementAndGet();
    return call > faults.number("times", 0);
  }

  private SandboxModel model(String name) {
    for (SandboxModel model : settings.models()) {
      if (model.id().equals(name)) {
        return model;
      }
    }
    if (settings.anyModel()) {
      return settings.models().getFirst().named(name);
    }
    throw Problem.of(404, "model_not_found", "The model `" + name + "` does not exist")
        .withType("invalid_request_error")
        .asException();
  }

  private void play(Visit visit, Plan plan) {
    Faults faults = plan.request().faults();
    BillEntry entry = bill.open(visit.id().text(), plan.model(), order(visit, plan.request()));
    entry.prompt(
        plan.promptTokens(),
        faults.number("cached_tokens", 0),
        faults.number("cache_write_tokens", 0));
    entry.reasoned(plan.reasoning());
    faults.bill(entry, clock.nanoTime());
    boolean billOnCancel =
        faults.has("bill_on_cancel") ? faults.is("bill_on_cancel") : settings.billOnCancel();
    Account account =
        new Account(entry, plan.promptTokens(), plan.reasoning(), plan.wholeTokens(), billOnCancel);
    if (visit.isOver()) {
      account.left();
      return;
    }
    visit.onLeave(account::left);
    if (faults.is("hang")) {
      visit.onLeave(() -> account.unseen(faults.is("bill_unseen")));
    } else if (faults.is("reset")) {
      account.unseen(faults.is("bill_unseen"));
      var _ = visit.request().connection().close();
    } else {
      int delay = faults.number("delay_ms", 0);
      if (delay == 0) {
        answer(visit, plan, account);
      } else {
        vertx.setTimer(delay, _ -> answer(visit, plan, account));
      }
    }
  }

  private static BillEntry.Order order(Visit visit, ChatRequest request) {
    return new BillEntry.Order(
        brief(Objects.requireNonNullElse(visit.header("x-client-request-id"), "")),
        brief(request.body().path("user").asString("")),
        request.limit(),
        request.choices());
  }

  private static String brief(String words) {
    return words.substring(0, Math.min(words.length(), NOTE_CHARACTERS_MAX));
  }

  private void answer(Visit visit, Plan plan, Account account) {
    if (visit.isOver()) {
      return;
    }
    ChatRequest request = plan.request();
    Faults faults = request.faults();
    if (faults.has("status")) {
      account.refused();
      refuse(visit, faults);
      return;
    }
    String model = Objects.requireNonNullElse(faults.text("model_echo"), request.model());
    Wire wire =
        new Wire(
            visit.id().text(), request, model, clock.micros() / 1_000_000, plan.promptTokens());
    if (request.stream()) {
      stream(visit, plan, account, wire);
    } else {
      account.spokeAll();
      Buffer whole = wire.whole(plan.reply(), account.tokens());
      account.completed();
      visit.answerJson(200, faults.has("garbage") ? whole.slice(0, whole.length() / 2) : whole);
    }
  }

  private void stream(Visit visit, Plan plan, Account account, Wire wire) {
    Faults faults = plan.request().faults();
    Performance performance =
        new Performance(
            vertx,
            visit.response(),
            wire,
            plan.reply(),
            plan.request(),
            account,
            () -> visit.request().connection().close(),
            faults.number("chunk_ms", plan.model().chunkMillis()));
    visit.onLeave(
        () -> {
          performance.stop();
          account.left();
        });
    performance.start(faults.number("first_token_ms", plan.model().firstTokenMillis()));
  }

  private static void refuse(Visit visit, Faults faults) {
    int status = faults.number("status", 500);
    if (faults.has("retry_after")) {
      JsonNode value = Objects.requireNonNull(faults.node("retry_after"));
      visit.response().putHeader("retry-after", value.asString());
    }
    visit.answerJson(status, errorBody(status, faults.node("error")));
  }

  private static byte[] errorBody(int status, @Nullable JsonNode said) {
    return said == null
        ? Envelope.OPENAI.wrap(
            Problem.of(status, "sandbox_error", "The sandbox was told to answer with " + status))
        : Json.MAPPER.writeValueAsBytes(said);
  }
}
