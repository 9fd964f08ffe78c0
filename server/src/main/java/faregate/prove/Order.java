package faregate.prove;

/// One request, as a client of the proof makes it.
///
/// @param more further fields of the body, each behind a comma
/// @param leaveAfter chunks after which the client leaves; 0 for right after the head; [#STAY] for
///   one that stays; [#AT_ONCE] for one that does not even wait for the head
/// @param trouble what goes wrong on purpose, at the provider or because the client leaves; empty
///   for nothing
record Order(
    String model,
    boolean stream,
    boolean wantsUsage,
    int outputLimit,
    String more,
    String faults,
    int leaveAfter,
    String trouble) {
  static final int STAY = -1;
  static final int AT_ONCE = -2;

  /// Before the number of chunks after which a client left.
  static final String LEFT = "client left after chunk ";

  /// More than the prompt of any of these requests can cost.
  static final long PROMPT_NANOS_MAX = 500_000;

  /// The largest `n`.
  static final int CHOICES_MAX = 128;

  /// Nobody calls this tool, but it is part of the prompt.
  private static final String TOOLS =
      ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"tides\",\"description\":\"When"
          + " the sea is highest at a"
          + " place\",\"parameters\":{\"type\":\"object\",\"properties\":{\"place\":{\"type\":\"string\"}}}}}]";

  /// An answer of one token with the largest ceiling that is wished.
  static Order last(int outputLimit, int choices) {
    return new Order(
        Providers.STOPPING,
        false,
        false,
        outputLimit,
        ",\"n\":" + choices,
        "\"tokens\":1",
        STAY,
        "");
  }

  /// Draws one of the ways in which clients call.
  static Order draw(Dice dice) {
    int way = dice.below(100);
    if (way < 22) {
      return plain(dice, false, false);
    }
    if (way < 30) {
      return new Order(Providers.model(dice), false, false, 0, "", tokens(dice, 5, 60), STAY, "");
    }
    if (way < 58) {
      return plain(dice, true, true);
    }
    if (way < 70) {
      return plain(dice, true, false);
    }
    return way < 86 ? leaving(dice) : failing(dice);
  }

  private static Order plain(Dice dice, boolean stream, boolean wantsUsage) {
    boolean lasting = stream && dice.below(8) == 0;
    String faults = lasting ? "\"tokens\":200,\"chunk_ms\":25" : tokens(dice, 5, 60);
    return new Order(
        Providers.model(dice),
        stream,
        wantsUsage,
        dice.between(200, 400),
        tools(dice),
        faults,
        STAY,
        "");
  }

  private static String tools(Dice dice) {
    return dice.below(4) == 0 ? TOOLS : "";
  }

  private static Order leaving(Dice dice) {
    int length = dice.between(20, 80);
    int drawn = dice.between(AT_ONCE, length);
    int leave = drawn == STAY ? 0 : drawn;
    return new Order(
        Providers.model(dice),
        leave == AT_ONCE ? dice.below(2) == 0 : true,
        dice.below(2) == 0,
        400,
        tools(dice),
        "\"tokens\":%d,\"chunk_ms\":%d%s"
            .formatted(
                length, dice.between(1, 15), dice.below(3) == 0 ? ",\"omit_usage\":true" : ""),
        leave,
        leave == AT_ONCE ? "client left at once" : LEFT + leave);
  }

  /// Something goes wrong at the provider.
  private static Order failing(Dice dice) {
    boolean stream = dice.below(3) > 0;
    int after = dice.between(1, 15);
    Fault fault =
        switch (dice.below(8)) {
          case 0 -> new Fault("told no usage", "\"omit_usage\":true");
          case 1 ->
              stream
                  ? new Fault("cut its stream", "\"cut_after\":" + after)
                  : new Fault("answered nonsense", "\"garbage\":1");
          case 2 ->
              stream
                  ? new Fault("broke off with an error", "\"error_event\":" + after)
                  : new Fault("reset after it had billed", "\"reset\":true,\"bill_unseen\":true");
          case 3 -> new Fault("answered 500", "\"status\":500");
          case 4 -> new Fault("reset the connection", "\"reset\":true");
          case 5 -> new Fault("answered nothing", "\"zero_output\":true");
          case 6 ->
              stream
                  ? new Fault("stalled in its stream", "\"stall_after\":" + after)
                  : new Fault("hung after it had billed", "\"hang\":true,\"bill_unseen\":true");
          default ->
              new Fault("did not say the end", "\"usage_every_chunk\":true,\"no_done\":true");
        };
    return new Order(
        Providers.model(dice),
        stream,
        dice.below(2) == 0,
        300,
        tools(dice),
        "\"tokens\":20,\"chunk_ms\":3," + fault.asked(),
        STAY,
        "provider " + fault.words());
  }

  private record Fault(String words, String asked) {}

  private static String tokens(Dice dice, int least, int most) {
    return "\"tokens\":" + dice.between(least, most) + ",\"chunk_ms\":" + dice.below(6);
  }

  /// The request body.
  String body(String tag) {
    return "{\"model\":\"%s\",\"user\":\"%s\"%s%s%s,\"sandbox\":{%s},\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}"
        .formatted(
            model,
            tag,
            more,
            outputLimit == 0 ? "" : ",\"max_tokens\":" + outputLimit,
            !stream
                ? ""
                : wantsUsage
                    ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
                    : ",\"stream\":true",
            faults);
  }
}
