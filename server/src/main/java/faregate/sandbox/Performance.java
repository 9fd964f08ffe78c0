package faregate.sandbox;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/// One stream being played, token by token, at its pace. Runs on its event loop. A client that does
/// not read makes it wait, as it would make a model's server wait.
final class Performance {
  private static final int NEVER = Integer.MAX_VALUE;

  private final Vertx vertx;
  private final HttpServerResponse response;
  private final Wire wire;
  private final Reply reply;
  private final ChatRequest request;
  private final Account account;
  private final Runnable breakOff;
  private final int chunkMillis;
  private int position = -1;
  private int choice;
  private boolean over;

  /// @param breakOff closes the connection at once
  Performance(
      Vertx vertx,
      HttpServerResponse response,
      Wire wire,
      Reply reply,
      ChatRequest request,
      Account account,
      Runnable breakOff,
      int chunkMillis) {
    this.vertx = vertx;
    this.response = response;
    this.wire = wire;
    this.reply = reply;
    this.request = request;
    this.account = account;
    this.breakOff = breakOff;
    this.chunkMillis = chunkMillis;
  }

  void start(int firstTokenMillis) {
    response
        .putHeader("content-type", "text/event-stream; charset=utf-8")
        .putHeader("cache-control", "no-cache")
        .setChunked(true);
    response.writeHead();
    after(firstTokenMillis, this::play);
  }

  /// Stops at once, wherever it is.
  void stop() {
    over = true;
  }

  private void after(int millis, Runnable next) {
    if (millis <= 0) {
      next.run();
    } else {
      vertx.setTimer(millis, _ -> next.run());
    }
  }

  private void play() {
    while (!over) {
      if (response.writeQueueFull()) {
        response.drainHandler(_ -> play());
        return;
      }
      boolean token = step();
      if (token && chunkMillis > 0) {
        vertx.setTimer(chunkMillis, _ -> play());
        return;
      }
    }
  }

  /// Writes the next event.
  ///
  /// @return whether it was a token
  private boolean step() {
    if (position < 0) {
      position = 0;
      write(wire.opening(choice, reply, account.tokens()));
      return false;
    }
    if (strikes()) {
      return false;
    }
    if (position < reply.tokens()) {
      String piece = padded(reply.pieces().get(position++));
      account.spoke();
      write(wire.piece(choice, reply, piece, account.tokens()));
      return true;
    }
    write(wire.closing(choice, reply, account.tokens()));
    if (++choice < request.choices()) {
      position = -1;
    } else {
      finish();
    }
    return false;
  }

  private String padded(String piece) {
    int huge = request.faults().number("huge_event", 0);
    return huge > 0 && position == 1 ? piece + "x".repeat(huge) : piece;
  }

  /// What goes wrong before the next token, once each.
  private boolean strikes() {
    Faults faults = request.faults();
    if (position == faults.number("stall_after", NEVER)) {
      over = true;
      return true;
    }
    if (position == faults.number("cut_after", NEVER)) {
      over = true;
      account.broke();
      breakOff.run();
      return true;
    }
    if (position == faults.number("error_event", NEVER)) {
      over = true;
      account.broke();
      write(
          Buffer.buffer(
              "data: {\"error\":{\"message\":\"The sandbox was told to fail here\","
                  + "\"type\":\"server_error\",\"param\":null,\"code\":\"sandbox_error\"}}\n\n"));
      var _ = response.end();
      return true;
    }
    if (position == faults.number("garbage", NEVER) && position < reply.tokens()) {
      write(Buffer.buffer("no field at all\n\ndata: {\"id\":\"chatcmpl-\",\"choices\":[{]}\n\n"));
    }
    return false;
  }

  private void finish() {
    over = true;
    Faults faults = request.faults();
    boolean extra =
        request.includeUsage() && !faults.is("omit_usage") && !faults.is("usage_in_last_chunk");
    if (extra) {
      write(wire.usageEvent(account.tokens()));
    }
    account.completed();
    var _ = faults.is("no_done") ? response.end() : response.end("data: [DONE]\n\n");
  }

  private void write(Buffer event) {
    var _ = response.write(event);
  }
}
