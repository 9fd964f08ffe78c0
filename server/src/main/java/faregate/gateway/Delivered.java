package faregate.gateway;

import faregate.dialect.ChatRequest;
import faregate.dialect.TokenCount;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;

/// What was delivered to a client so far, for when the provider does not tell what it was.
///
/// Text is kept in memory only while it may still have to be counted, and never beyond the
/// exchange.
final class Delivered {
  /// Beyond this the text is folded into a rough count, so that a long answer does not fill the
  /// heap.
  private static final int TEXT_CHARS_MAX = 256 << 10;

  private static final int ROUGH_CHARS_PER_TOKEN = 4;
  private static final int NOT_COUNTED = -1;

  private final StringBuilder text = new StringBuilder();
  private @Nullable ChatRequest request;
  private volatile long promptTokens = NOT_COUNTED;
  private long folded;
  private long chunks;

  Delivered(ChatRequest request) {
    this.request = request;
  }

  /// Takes the text of the next chunk.
  StringBuilder text() {
    return text;
  }

  /// Notes that a chunk brought output.
  void chunk() {
    chunks++;
    if (text.length() > TEXT_CHARS_MAX) {
      folded += text.length() / ROUGH_CHARS_PER_TOKEN;
      text.setLength(0);
    }
  }

  /// Takes the last chunk back, which was not delivered after all.
  ///
  /// @param from where its text begins
  void takeBack(int from) {
    chunks--;
    if (text.length() > from) {
      text.setLength(from);
    }
  }

  boolean isSome() {
    return chunks > 0;
  }

  /// At least what was delivered: a chunk with output holds one token or more. Cheap.
  long outputTokensLeast() {
    return chunks;
  }

  boolean isPromptCounted() {
    return promptTokens != NOT_COUNTED;
  }

  /// At least what was consumed so far: the prompt where it has been counted, and a token for each
  /// chunk. Cheap.
  Quantities atLeast() {
    return Quantities.tokens(Math.max(promptTokens, 0), chunks);
  }

  /// Tokens of the prompt. Slow the first time: not for event loops. Lets go of the request's body.
  synchronized long countPrompt() {
    ChatRequest asked = request;
    if (promptTokens == NOT_COUNTED && asked != null) {
      promptTokens = TokenCount.prompt(asked.promptText());
      request = null;
    }
    return promptTokens;
  }

  /// Counts all of it. Slow: not for event loops, and not while the stream flows.
  Quantities count() {
    long output = folded + TokenCount.text(text.toString());
    return Quantities.tokens(countPrompt(), Math.max(output, chunks));
  }
}
