package faregate.identity;

/// The first 64 bits of every digest there is, 8 to 16 bytes each: a million tokens in 16 MB.
///
/// What is not in here was never made, and no database need be asked. What is may still be another
/// digest with the same beginning, so it is looked up in full. Not thread-safe.
final class DigestSet {
  private static final int SLOTS_MIN = 64;
  private long[] slots = new long[SLOTS_MIN];
  private boolean hasZero;
  private int size;

  void add(TokenDigest digest) {
    if (size * 2 >= slots.length) {
      grow();
    }
    put(digest.first());
  }

  boolean mayContain(TokenDigest digest) {
    long value = digest.first();
    return value == 0 ? hasZero : slots[slotOf(value)] == value;
  }

  private void put(long value) {
    if (value == 0) {
      hasZero = true;
      return;
    }
    int slot = slotOf(value);
    if (slots[slot] == 0) {
      slots[slot] = value;
      size++;
    }
  }

  /// The slot that has the value, or the empty one where it belongs. Digests are evenly spread as
  /// they are, so their low bits serve as the hash.
  private int slotOf(long value) {
    int mask = slots.length - 1;
    int slot = (int) value & mask;
    while (slots[slot] != 0 && slots[slot] != value) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[Math.multiplyExact(old.length, 2)];
    size = 0;
    for (long value : old) {
      if (value != 0) {
        put(value);
      }
    }
  }
}
