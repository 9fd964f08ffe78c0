package faregate.dialect;

import faregate.dialect.UsageShape.Split;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;

/// The usage of chat completions, with the names that each provider has for the same thing.
final class ChatUsage {
  private static final String PROMPT = "prompt_tokens";
  private static final String ANSWER = "completion_tokens";
  private static final String TOTAL = "total_tokens";

  private ChatUsage() {}

  static @Nullable Quantities quantities(UsageCounts counts) {
    long total = counts.first(TOTAL);
    boolean hasPrompt = counts.has(PROMPT);
    boolean hasAnswer = counts.has(ANSWER);
    if ((!hasPrompt && !hasAnswer) || ((!hasPrompt || !hasAnswer) && !counts.has(TOTAL))) {
      return null;
    }
    long prompt = hasPrompt ? counts.first(PROMPT) : total - counts.first(ANSWER);
    long answer = hasAnswer ? counts.first(ANSWER) : total - counts.first(PROMPT);
    return prompt < 0 || answer < 0 ? null : split(counts, prompt, answer, total);
  }

  private static @Nullable Quantities split(
      UsageCounts counts, long prompt, long answer, long total) {
    long cached = cached(counts);
    long written = written(counts);
    long reasoning =
        counts.largest("completion_tokens_details.reasoning_tokens", "reasoning_tokens");
    long beside = Math.max(0, total - prompt - answer);
    long cache = cached + written;
    // More than the prompt cannot be within it; a total would have to say so too.
    boolean cacheBeside = cache > 0 && (counts.has(TOTAL) ? beside == cache : cache > prompt);
    long thought = cacheBeside ? 0 : beside;
    Split split =
        new Split(Math.addExact(prompt, cacheBeside ? cache : 0), Math.addExact(answer, thought));
    return split
        .prompt(Meter.CACHED_INPUT_TOKEN, cached)
        .prompt(Meter.CACHE_WRITE_TOKEN, written)
        .prompt(Meter.AUDIO_INPUT_TOKEN, counts.first("prompt_tokens_details.audio_tokens"))
        .prompt(Meter.IMAGE_INPUT_TOKEN, counts.first("prompt_tokens_details.image_tokens"))
        .answer(Meter.REASONING_TOKEN, Math.max(reasoning, thought))
        .answer(Meter.AUDIO_OUTPUT_TOKEN, counts.first("completion_tokens_details.audio_tokens"))
        .answer(Meter.IMAGE_OUTPUT_TOKEN, counts.first("completion_tokens_details.image_tokens"))
        .beside(Meter.SEARCH, counts.largest("num_sources_used", "num_search_queries"))
        .quantities();
  }

  /// OpenAI and most others · DeepSeek · Together, Moonshot · xAI's older answers · those that pass
  /// on Anthropic's name.
  private static long cached(UsageCounts counts) {
    return counts.largest(
        "prompt_tokens_details.cached_tokens",
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cached_prompt_text_tokens",
        "num_cached_tokens",
        "cache_read_input_tokens");
  }

  private static long written(UsageCounts counts) {
    return counts.largest(
        "cache_creation_input_tokens",
        "prompt_tokens_details.cache_write_tokens",
        "prompt_tokens_details.cache_creation_tokens");
  }
}
