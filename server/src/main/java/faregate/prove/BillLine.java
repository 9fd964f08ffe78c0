package faregate.prove;

/// One call in a provider's own book. Times are monotonic nanoseconds of the proof's process.
///
/// @param call the gateway's id of it
/// @param tag of the client that asked
/// @param cost what is billed, in nano-USD
/// @param ceiling the most that it could cost by what the gateway allowed, in nano-USD
record BillLine(
    String call, String tag, long beganNanos, long endedNanos, long cost, long ceiling) {}
