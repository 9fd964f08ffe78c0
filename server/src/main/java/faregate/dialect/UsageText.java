package faregate.dialect;

import faregate.money.Nanos;
import faregate.tariff.Quantities;

/// A usage object that we write ourselves, where the provider wrote none.
public final class UsageText {
  private UsageText() {}

  /// A chunk that only tells the usage, as the last of a stream.
  ///
  /// @param id of the answer
  /// @param createdSeconds since the epoch
  public static String chunk(
      String id,
      String model,
      long createdSeconds,
      Quantities quantities,
      boolean estimated,
      Nanos cost) {
    return "{\"id\":"
        + JsonText.quoted(id)
        + ",\"object\":\"chat.completion.chunk\",\"created\":"
        + createdSeconds
        + ",\"model\":"
        + JsonText.quoted(model)
        + ",\"choices\":[],\"usage\":"
        + of(quantities, estimated, cost)
        + "}";
  }

  static String of(Quantities counted, boolean estimated, Nanos cost) {
    long prompt = counted.promptTokens();
    long completion = counted.answerTokens();
    return "{"
        + UsageSpot.costFields(cost)
        + ",\"prompt_tokens\":"
        + prompt
        + ",\"completion_tokens\":"
        + completion
        + ",\"total_tokens\":"
        + (prompt + completion)
        + (estimated ? ",\"estimated\":true}" : "}");
  }
}
