package faregate.dialect;

/// What the reader found in a chat completion; filled once, then only read.
final class ChatFields {
  /// Behind the opening brace: where fields are added.
  int open;

  String model = "";
  Span modelSpan = Span.NONE;
  boolean stream;

  Span streamOptionsSpan = Span.NONE;
  boolean streamOptionsEmpty;
  Span includeUsageSpan = Span.NONE;
  boolean includeUsage;

  long maxTokens;
  Span maxTokensSpan = Span.NONE;
  long maxCompletionTokens;
  Span maxCompletionTokensSpan = Span.NONE;

  int choices = 1;
  boolean paidTier;
  boolean tools;
  boolean schema;
  int messages;
  int images;
  boolean otherMedia;
  long textBytes;
}
