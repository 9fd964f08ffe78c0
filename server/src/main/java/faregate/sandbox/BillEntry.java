package faregate.sandbox;

/// One call in the sandbox's book. Changed on its event loop, read from anywhere.
public final class BillEntry {
  private final String id;
  private final SandboxModel model;
  private volatile State state = State.RUNNING;
  private volatile int promptTokens;
  private volatile int cachedTokens;
  private volatile int generated;
  private volatile int billedPrompt;
  private volatile int billedCompletion;

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

  BillEntry(String id, SandboxModel model) {
    this.id = id;
    this.model = model;
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

  public String id() {
    return id;
  }

  public String model() {
    return model.id();
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

  /// What is charged, in nano-USD; 0 until the end. Cached tokens cost as much as others.
  public long costNanoUsd() {
    return Math.addExact(
        Math.multiplyExact(billedPrompt, model.inputNanos()),
        Math.multiplyExact(billedCompletion, model.outputNanos()));
  }
}
