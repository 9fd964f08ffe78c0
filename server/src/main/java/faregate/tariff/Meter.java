package faregate.tariff;

import org.jspecify.annotations.Nullable;

/// What can be consumed and has a price.
///
/// Each token of a call stands under one meter only: a cached token is no input token beside that,
/// and a token of reasoning is no output token. What a tariff does not price apart costs as the
/// meter that it falls back to.
public enum Meter {
  INPUT_TOKEN,
  CACHED_INPUT_TOKEN,
  /// Written to a cache that lives as long as the provider's shortest, usually five minutes.
  CACHE_WRITE_TOKEN,
  /// Written to a cache that lives for an hour.
  CACHE_WRITE_HOUR_TOKEN,
  OUTPUT_TOKEN,
  REASONING_TOKEN,
  AUDIO_INPUT_TOKEN,
  AUDIO_OUTPUT_TOKEN,
  IMAGE_INPUT_TOKEN,
  IMAGE_OUTPUT_TOKEN,
  /// An image that was made.
  IMAGE,
  /// An image that was sent in.
  INPUT_IMAGE,
  /// Audio sent in or made; seconds are split, so that their sums stay whole numbers.
  AUDIO_MILLISECOND,
  COMPUTE_MILLISECOND,
  CHARACTER,
  /// A thousandth of whatever unit a provider bills a model in, such as megapixels.
  BILLED_MILLIUNIT,
  /// A search or a source that a provider charges for beside its tokens.
  SEARCH,
  /// The call itself.
  REQUEST;

  /// What a meter costs as where it has no price of its own; null where it is unpriced then.
  @Nullable Meter fallback() {
    return switch (this) {
      case CACHED_INPUT_TOKEN, CACHE_WRITE_TOKEN, AUDIO_INPUT_TOKEN, IMAGE_INPUT_TOKEN ->
          INPUT_TOKEN;
      case CACHE_WRITE_HOUR_TOKEN -> CACHE_WRITE_TOKEN;
      case REASONING_TOKEN, AUDIO_OUTPUT_TOKEN, IMAGE_OUTPUT_TOKEN -> OUTPUT_TOKEN;
      case INPUT_TOKEN,
          OUTPUT_TOKEN,
          IMAGE,
          INPUT_IMAGE,
          AUDIO_MILLISECOND,
          COMPUTE_MILLISECOND,
          CHARACTER,
          BILLED_MILLIUNIT,
          SEARCH,
          REQUEST ->
          null;
    };
  }

  /// Whether it is a token of the prompt, of whatever kind: these together choose the tier.
  public boolean isPrompt() {
    return this == INPUT_TOKEN
        || this == CACHED_INPUT_TOKEN
        || this == CACHE_WRITE_TOKEN
        || this == CACHE_WRITE_HOUR_TOKEN
        || this == AUDIO_INPUT_TOKEN
        || this == IMAGE_INPUT_TOKEN;
  }

  /// Whether it is a token of the answer, of whatever kind.
  public boolean isAnswer() {
    return this == OUTPUT_TOKEN
        || this == REASONING_TOKEN
        || this == AUDIO_OUTPUT_TOKEN
        || this == IMAGE_OUTPUT_TOKEN;
  }
}
