package faregate.tariff;

/// What can be consumed and has a price.
public enum Meter {
  INPUT_TOKEN,
  CACHED_INPUT_TOKEN,
  CACHE_WRITE_TOKEN,
  OUTPUT_TOKEN,
  IMAGE,
  AUDIO_SECOND,
  CHARACTER,
  COMPUTE_SECOND,
  REQUEST
}
