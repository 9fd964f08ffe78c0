package faregate.dialect;

import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;

/// How a family of answers reports what was consumed, and what that comes to by meter.
///
/// One rule for what contradicts itself: the totals of prompt and answer are certain, and a detail
/// that does not fit into its total is absent, so that the tokens of the total are paid as plain
/// ones. A total beyond prompt and answer tells that something is counted beside them; so do, where
/// there is no total, more cached tokens than the prompt has.
enum UsageShape {
  /// Chat completions and all who follow them: details lie within `prompt_tokens` and
  /// `completion_tokens`, unless `total_tokens` or the cached ones show that they are counted
  /// beside.
  CHAT {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      return ChatUsage.quantities(counts);
    }
  },

  /// OpenAI's responses: the same under other names, always within.
  RESPONSES {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      if (!counts.has("input_tokens") || !counts.has("output_tokens")) {
        return null;
      }
      return new Split(counts.first("input_tokens"), counts.first("output_tokens"))
          .prompt(Meter.CACHED_INPUT_TOKEN, counts.first("input_tokens_details.cached_tokens"))
          .prompt(Meter.CACHE_WRITE_TOKEN, counts.first("input_tokens_details.cache_write_tokens"))
          .prompt(Meter.AUDIO_INPUT_TOKEN, counts.first("input_tokens_details.audio_tokens"))
          .answer(Meter.REASONING_TOKEN, counts.first("output_tokens_details.reasoning_tokens"))
          .answer(Meter.AUDIO_OUTPUT_TOKEN, counts.first("output_tokens_details.audio_tokens"))
          .quantities();
    }
  },

  /// Anthropic's messages: what was read from and written to a cache is counted beside
  /// `input_tokens`.
  MESSAGES {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      if (!counts.has("input_tokens") || !counts.has("output_tokens")) {
        return null;
      }
      long hour = counts.first("cache_creation.ephemeral_1h_input_tokens");
      long parts = hour + counts.first("cache_creation.ephemeral_5m_input_tokens");
      long written = Math.max(counts.first("cache_creation_input_tokens"), parts);
      return Quantities.tokens(counts.first("input_tokens"), counts.first("output_tokens"))
          .with(Meter.CACHED_INPUT_TOKEN, counts.first("cache_read_input_tokens"))
          .with(Meter.CACHE_WRITE_TOKEN, written - hour)
          .with(Meter.CACHE_WRITE_HOUR_TOKEN, hour)
          .with(Meter.SEARCH, counts.first("server_tool_use.web_search_requests"));
    }
  },

  /// Embeddings and other answers without tokens of their own; Cohere's billed units among them.
  EMBEDDINGS {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      long prompt =
          counts.first(
              "billed_units.input_tokens", "prompt_tokens", "input_tokens", "total_tokens");
      long searches = counts.first("billed_units.search_units");
      long images = counts.first("billed_units.images");
      Quantities quantities =
          Quantities.of(Meter.INPUT_TOKEN, prompt)
              .with(Meter.OUTPUT_TOKEN, counts.first("billed_units.output_tokens"))
              .with(Meter.SEARCH, searches)
              .with(Meter.INPUT_IMAGE, images);
      return quantities.isNone() ? null : quantities;
    }
  },

  /// Images made by a model that counts tokens.
  IMAGES {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      if (!counts.has("input_tokens") || !counts.has("output_tokens")) {
        return null;
      }
      long output = counts.first("output_tokens");
      long text = counts.first("output_tokens_details.text_tokens");
      long image = output - (text <= output ? text : 0);
      return new Split(counts.first("input_tokens"), output)
          .prompt(Meter.CACHED_INPUT_TOKEN, counts.first("input_tokens_details.cached_tokens"))
          .prompt(Meter.IMAGE_INPUT_TOKEN, counts.first("input_tokens_details.image_tokens"))
          .answer(Meter.IMAGE_OUTPUT_TOKEN, image)
          .quantities();
    }
  },

  /// Transcriptions, by tokens or by duration.
  TRANSCRIPTION {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      if (counts.has("input_tokens") && counts.has("output_tokens")) {
        return new Split(counts.first("input_tokens"), counts.first("output_tokens"))
            .prompt(
                Meter.AUDIO_INPUT_TOKEN,
                counts.largest(
                    "input_token_details.audio_tokens", "input_tokens_details.audio_tokens"))
            .quantities();
      }
      long millis = Math.max(counts.thousandths("seconds"), counts.thousandths("duration"));
      return millis == 0 ? null : Quantities.of(Meter.AUDIO_MILLISECOND, millis);
    }
  },

  /// Replicate's metrics.
  METRICS {
    @Override
    @Nullable Quantities quantities(UsageCounts counts) {
      Quantities quantities =
          Quantities.tokens(counts.first("input_token_count"), counts.first("output_token_count"))
              .with(Meter.COMPUTE_MILLISECOND, counts.thousandths("predict_time"))
              .with(Meter.IMAGE, counts.first("image_count", "image_output_count"))
              .with(
                  Meter.AUDIO_MILLISECOND,
                  Math.max(
                      counts.thousandths("audio_input_seconds"),
                      counts.thousandths("audio_output_seconds")))
              .with(Meter.CHARACTER, counts.first("character_count", "characters_input_count"));
      return quantities.isNone() ? null : quantities;
    }
  };

  /// What was consumed, each unit under one meter only; null when it does not say.
  abstract @Nullable Quantities quantities(UsageCounts counts);

  /// A prompt and an answer, of which some tokens are of another kind.
  static final class Split {
    private long prompt;
    private long answer;
    private Quantities others = Quantities.NONE;

    Split(long prompt, long answer) {
      this.prompt = prompt;
      this.answer = answer;
    }

    /// So many tokens of what is left of the prompt; absent where they do not fit.
    Split prompt(Meter meter, long count) {
      if (count > 0 && count <= prompt) {
        prompt -= count;
        others = others.with(meter, count);
      }
      return this;
    }

    /// So many tokens of what is left of the answer; absent where they do not fit.
    Split answer(Meter meter, long count) {
      if (count > 0 && count <= answer) {
        answer -= count;
        others = others.with(meter, count);
      }
      return this;
    }

    /// So many of something else.
    Split beside(Meter meter, long count) {
      others = others.with(meter, count);
      return this;
    }

    /// Null when nothing was consumed: that is a report of nothing.
    @Nullable Quantities quantities() {
      Quantities all = others.with(Meter.INPUT_TOKEN, prompt).with(Meter.OUTPUT_TOKEN, answer);
      return all.isNone() ? null : all;
    }
  }
}
