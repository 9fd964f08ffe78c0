package faregate.bench;

/// A server that load is put on.
///
/// @param pid of the process whose processor time counts; 0 for none
/// @param token what it is shown
record Contestant(String name, int port, long pid, String token) {
  static final String MODEL = "bench/bench-model";

  /// The provider itself, with nothing between.
  static Contestant direct(int port) {
    return new Contestant("direct", port, 0, "none");
  }
}
