package faregate.ledger;

import faregate.id.LotId;

/// The fingerprint of a hold: two commands with the same id are repeats only when theirs are equal.
final class Print {
  private Print() {}

  static long of(HoldCommand command) {
    long print = mix(command.wallet().value());
    for (LotId limit : command.limits()) {
      print = mix(print ^ limit.value());
    }
    print = mix(print ^ command.least().value());
    print = mix(print ^ command.wish().value());
    print = mix(print ^ command.most().value());
    for (int at = 0; at < command.ref().length(); at++) {
      print = (print * 0x100000001b3L) ^ command.ref().charAt(at);
    }
    RepeatKey key = command.repeat();
    return key == null ? mix(print) : mix(mix(print ^ key.token()) ^ key.key().hashCode());
  }

  /// The finalizer of SplitMix64: every bit of the input moves half of the output's.
  static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
