package faregate.sandbox;

import faregate.kit.Clock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One call in the sandbox's book. Changed on its event loop, read from anywhere.
public final class BillEntry {
  private static final long UNREVISED = -1;

  private final String id;
  private final SandboxModel model;
  private final Order order;
  private final Clock clock;
  private final long beganNanos;
  private volatile long endedNanos;
  private volatile State state = State.RUNNING;
  private volatile int promptTokens;
  private volatile int cachedTokens;
  private volatile int writtenTokens;
  private volatile int reasoningTokens;
  private volatile int generated;
  private volatile int billedPrompt;
  private volatile int billedCompletion;
  private volatile long revised = UNREVISED;
  private volatile @Nullable JsonNode told;
  private volatile long toldFromNanos = Long.MIN_VALUE;

  /// How a call stands.
  public enum State {
    /// Under way, or silent.
    RUNNING,
    /// Answered whole.
    COMPLETED,
    /// The client left.
    CANCELLED,
    /// Broken off or refused by us.
    FAILED
  }

  /// What the client said of itself and of the call.
  ///
  /// @param requestId the client's own id of the call, from `x-client-request-id`; empty without
  ///   one
  /// @param user the field `user`: for whom the client asks; empty without one
  /// @param outputLimit of each choice; 0 where the client set none
  public record Order(String requestId, String user, int outputLimit, int choices) {}

  BillEntry(String id, SandboxModel model, Order order, Clock clock) {
    this.id = id;
    this.model = model;
    this.order = order;
    this.clock = clock;
    this.beganNanos = clock.nanoTime();
  }

  void prompt(int tokens, int cached, int written) {
    promptTokens = tokens;
    cachedTokens = cached;
    writtenTokens = written;
  }

  /// How much of the answer is thought, once it is generated.
  void reasoned(int tokens) {
    reasoningTokens = tokens;
  }

  void generated(int tokens) {
    generated = tokens;
  }

  /// Ends it and charges the prompt and so many tokens of the answer. The first end counts.
  synchronized void end(State how, int promptBilled, int completionBilled) {
    if (state == State.RUNNING) {
      billedPrompt = promptBilled;
      billedCompletion = completionBilled;
      endedNanos = clock.nanoTime();
      state = how;
    }
  }

  /// From now on charges this, whatever was counted.
  public void revise(long nanoUsd) {
    revised = nanoUsd;
  }

  /// The billing endpoint says this of it, as it stands.
  void tell(JsonNode verbatim) {
    told = verbatim;
  }

  /// The billing endpoint does not know it before.
  void tellFrom(long nanos) {
    toldFromNanos = nanos;
  }

  /// What the billing endpoint says: a number; null while it knows nothing of the call.
  @Nullable Object told(long nowNanos) {
    boolean late = toldFromNanos != Long.MIN_VALUE && nowNanos - toldFromNanos < 0;
    JsonNode verbatim = told;
    return state == State.RUNNING || late ? null : verbatim == null ? costNanoUsd() : verbatim;
  }

  public String id() {
    return id;
  }

  public String model() {
    return model.id();
  }

  public Order order() {
    return order;
  }

  /// When it was taken, in monotonic nanoseconds of this process.
  public long beganNanos() {
    return beganNanos;
  }

  /// When it ended, likewise; meaningless before.
  public long endedNanos() {
    return endedNanos;
  }

  public State state() {
    return state;
  }

  public int promptTokens() {
    return promptTokens;
  }

  public int cachedTokens() {
    return cachedTokens;
  }

  /// Tokens of the answer that were written, or were about to be when the client's leaving was
  /// felt.
  public int generatedTokens() {
    return generated;
  }

  public int billedPromptTokens() {
    return billedPrompt;
  }

  public int billedCompletionTokens() {
    return billedCompletion;
  }

  /// The most that this call may cost by what the client allowed, in nano-USD.
  public long ceilingNanoUsd() {
    long output = order.outputLimit() == 0 ? model.outputTokensMax() : order.outputLimit();
    SandboxPrices prices = model.prices(promptTokens);
    return Math.addExact(
        Math.multiplyExact(promptTokens, prices.dearestInputNanos()),
        Math.multiplyExact(
            Math.multiplyExact(output, order.choices()), prices.dearestOutputNanos()));
  }

  /// What is charged, in nano-USD; 0 until the end. Details that do not fit into their whole are
  /// charged as the rest of it.
  public long costNanoUsd() {
    if (revised != UNREVISED) {
      return state == State.RUNNING ? 0 : revised;
    }
    SandboxPrices prices = model.prices(billedPrompt);
    int cached = cachedTokens <= billedPrompt ? cachedTokens : 0;
    int written = writtenTokens <= billedPrompt - cached ? writtenTokens : 0;
    int thought = reasoningTokens <= billedCompletion ? reasoningTokens : 0;
    long prompt =
        (billedPrompt - cached - written) * prices.inputNanos()
            + cached * prices.cachedNanos()
            + written * prices.writeNanos();
    long answer =
        (billedCompletion - thought) * prices.outputNanos() + thought * prices.reasoningNanos();
    return Math.addExact(prompt, answer);
  }
}
