package faregate.sandbox;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One call in the sandbox's book. Changed on its event loop, read from anywhere.
public final class BillEntry {
  private static final long UNREVISED = -1;

  private final String id;
  private final SandboxModel model;
  private final Order order;
  private volatile State state = State.RUNNING;
  private volatile int promptTokens;
  private volatile int cachedTokens;
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

  BillEntry(String id, SandboxModel model, Order order) {
    this.id = id;
    this.model = model;
    this.order = order;
  }

  void prompt(int tokens, int cached) {
    promptTokens = tokens;
    cachedTokens = cached;
  }

  void generated(int tokens) {
    generated = tokens;
  }

  /// Ends it and charges the prompt and so many tokens of the answer. The first end counts.
  synchronized void end(State how, int promptBilled, int completionBilled) {
    if (state == State.RUNNING) {
      billedPrompt = promptBilled;
      billedCompletion = completionBilled;
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
    return Math.addExact(
        Math.multiplyExact(promptTokens, model.inputNanos()),
        Math.multiplyExact(Math.multiplyExact(output, order.choices()), model.outputNanos()));
  }

  /// What is charged, in nano-USD; 0 until the end. Cached tokens cost as much as others.
  public long costNanoUsd() {
    if (revised != UNREVISED) {
      return state == State.RUNNING ? 0 : revised;
    }
    return Math.addExact(
        Math.multiplyExact(billedPrompt, model.inputNanos()),
        Math.multiplyExact(billedCompletion, model.outputNanos()));
  }
}
