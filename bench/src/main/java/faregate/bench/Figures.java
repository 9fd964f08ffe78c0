package faregate.bench;

import faregate.kit.Json;
import tools.jackson.databind.JsonNode;

/// What one run of `load` found.
///
/// @param processorMicros of the watched process, over the whole run
/// @param p50Micros of whole answers; of a stream, from its start to its end
/// @param chunkAgeP50Micros how old a chunk was when it came; 0 where nothing was streamed
record Figures(
    double seconds,
    long requests,
    long errors,
    double requestsPerSecond,
    double processorMicros,
    double p50Micros,
    double p99Micros,
    long chunks,
    double chunksPerSecond,
    double chunkAgeP50Micros,
    double chunkAgeP99Micros) {

  /// @throws IllegalStateException when more than one answer in a thousand was an error: what is
  ///   measured then is not what was meant
  static Figures of(String what, String line) {
    JsonNode json = Json.MAPPER.readTree(line);
    Figures figures =
        new Figures(
            json.path("seconds").doubleValue(),
            json.path("requests").longValue(),
            json.path("errors").longValue(),
            json.path("requests_per_second").doubleValue(),
            json.path("processor_micros").doubleValue(),
            json.path("p50_micros").doubleValue(),
            json.path("p99_micros").doubleValue(),
            json.path("chunks").longValue(0),
            json.path("chunks_per_second").doubleValue(0),
            json.path("chunk_age_p50_micros").doubleValue(0),
            json.path("chunk_age_p99_micros").doubleValue(0));
    if (figures.errors * 1_000 > figures.requests) {
      throw new IllegalStateException(
          "%s: %d of %d answers were errors, the first: %s"
              .formatted(
                  what, figures.errors, figures.requests, json.path("first_error").stringValue()));
    }
    return figures;
  }

  double processorMicrosPerRequest() {
    return processorMicros / requests;
  }

  double processorMicrosPerChunk() {
    return processorMicros / chunks;
  }
}
