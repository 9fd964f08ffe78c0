package faregate.dialect;

/// A chat completion as asked for: the few fields we act upon, where they stand, and the bytes.
///
/// Immutable once read. The bytes are the client's own.
public final class ChatRequest {
  private static final String MAX_TOKENS = "max_tokens";
  private final byte[] body;
  private final ChatFields fields;

  private ChatRequest(byte[] body, ChatFields fields) {
    this.body = body;
    this.fields = fields;
  }

  /// Reads a body in one pass.
  ///
  /// @throws BadRequest when it is no chat completion, naming the field
  public static ChatRequest read(byte[] body) {
    return new ChatRequest(body, new ChatReader(body).read());
  }

  /// As asked for, with its suffix.
  public String model() {
    return fields.model;
  }

  public boolean isStream() {
    return fields.stream;
  }

  /// Whether the client wants the extra usage chunk of a stream.
  public boolean wantsUsage() {
    return fields.includeUsage;
  }

  /// The output limit the client set: the larger one where it set two; 0 when it is silent.
  public long outputLimit() {
    return Math.max(fields.maxTokens, fields.maxCompletionTokens);
  }

  /// How many answers are asked for.
  public int choices() {
    return fields.choices;
  }

  /// Whether a `service_tier` is asked for that has prices of its own, such as `priority`: nothing
  /// that is held by an offer's price bounds such a call.
  public boolean wantsPaidTier() {
    return fields.paidTier;
  }

  public boolean hasTools() {
    return fields.tools;
  }

  public boolean wantsSchema() {
    return fields.schema;
  }

  public int images() {
    return fields.images;
  }

  /// Whether there is media other than images: audio or files, whose tokens no bytes bound.
  public boolean hasOtherMedia() {
    return fields.otherMedia;
  }

  /// The most tokens the text can count as: never fewer than any tokenizer makes of it, since a
  /// token is at least one byte. Media is not in it.
  public long textTokensMax() {
    return fields.textBytes;
  }

  public int bodyBytes() {
    return body.length;
  }

  /// The body for one attempt, with every other byte as it came.
  ///
  /// @param model the provider's own name of the model
  /// @param outputLimit tokens, sent in `limitField` whatever the client called it; 0 leaves what
  ///   the client said
  /// @param limitField what this provider calls the limit: the other name it may ignore, and then
  ///   answer without a limit, or refuse
  public byte[] forUpstream(String model, long outputLimit, String limitField) {
    Splice splice = new Splice();
    splice.replace(fields.modelSpan.start(), fields.modelSpan.end(), JsonText.quoted(model));
    StringBuilder added = new StringBuilder();
    if (outputLimit > 0) {
      limit(splice, added, outputLimit, limitField);
    }
    if (fields.stream && !fields.includeUsage) {
      askForUsage(splice, added);
    }
    if (!added.isEmpty()) {
      splice.insert(fields.open, added.toString());
    }
    return splice.apply(body);
  }

  private void limit(Splice splice, StringBuilder added, long limit, String limitField) {
    boolean plain = limitField.equals(MAX_TOKENS);
    Span theirs = plain ? fields.maxTokensSpan : fields.maxCompletionTokensSpan;
    Span other = plain ? fields.maxCompletionTokensSpan : fields.maxTokensSpan;
    String text = Long.toString(limit);
    if (theirs.isPresent()) {
      splice.replace(theirs.start(), theirs.end(), text);
      if (other.isPresent()) {
        drop(splice, other);
      }
    } else if (other.isPresent()) {
      Span key = other.keyIn(body);
      splice.replace(key.start(), key.end(), '"' + limitField + '"');
      splice.replace(other.start(), other.end(), text);
    } else {
      added.append('"').append(limitField).append("\":").append(text).append(',');
    }
  }

  /// Takes a field out, with the comma behind it or, at the end of the object, the one before it.
  private void drop(Splice splice, Span value) {
    int start = value.keyIn(body).start();
    int behind = Span.skipSpace(body, value.end());
    if (body[behind] == ',') {
      splice.replace(start, behind + 1, "");
    } else {
      splice.replace(Span.skipSpaceBack(body, start) - 1, value.end(), "");
    }
  }

  private void askForUsage(Splice splice, StringBuilder added) {
    if (fields.includeUsageSpan.isPresent()) {
      splice.replace(fields.includeUsageSpan.start(), fields.includeUsageSpan.end(), "true");
    } else if (fields.streamOptionsSpan.isPresent()) {
      Span span = fields.streamOptionsSpan;
      if (fields.streamOptionsEmpty) {
        splice.replace(span.start(), span.end(), "{\"include_usage\":true}");
      } else {
        splice.insert(span.start() + 1, "\"include_usage\":true,");
      }
    } else {
      added.append("\"stream_options\":{\"include_usage\":true},");
    }
  }

  /// The prompt's text, for counting. Costs a pass over the body: not for event loops.
  public PromptText promptText() {
    return PromptText.of(body);
  }

  /// What was asked for, without the prompt: nothing of it may reach a log.
  @Override
  public String toString() {
    return "chat completion of " + fields.model + ", " + body.length + " bytes";
  }
}
