package faregate.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/// The chunks of a streamed answer, on their way to a client.
///
/// The first goes out with the head, by Vert.x, and so does the last. Those between, which are
/// nearly all, are put straight into the channel behind the encoder: framed into one buffer each
/// instead of three, and past two pipelines that have nothing to add to them. That is in order
/// because a channel that can be written to when the head goes out takes it at once, and keeps the
/// order from there on; where it cannot be written to then, all chunks go by Vert.x.
///
/// Belongs to one event loop.
public final class Chunks {
  /// Of the size in hex, and two line ends.
  private static final int FRAME_BYTES_MAX = 12;

  private static final int LINE_END = '\r' << 8 | '\n';

  private final HttpServerResponse response;
  private final @Nullable Channel channel;

  /// Without chunks only the end of the connection tells the end of the answer.
  private final @Nullable HttpConnection closing;

  private @Nullable ChannelHandlerContext behindEncoder;
  private @Nullable Watch watch;
  private @Nullable Runnable atDrain;

  /// By us, and nobody else ends it: cheaper to look at than the response.
  private boolean ended;

  private Chunks(
      HttpServerResponse response, @Nullable Channel channel, @Nullable HttpConnection closing) {
    this.response = response;
    this.channel = channel;
    this.closing = closing;
  }

  /// @param request whose answer has a head that is prepared and not written yet
  static Chunks of(HttpServerRequest request) {
    // An older client is sent no chunks, but bytes up to the end of the connection.
    boolean framed = request.version() == HttpVersion.HTTP_1_1;
    Channel channel =
        framed && request.connection() instanceof ConnectionBase base ? base.channel() : null;
    return new Chunks(
        request.response().setChunked(true), channel, framed ? null : request.connection());
  }

  /// Writes a chunk. Does nothing once the client has gone.
  public void write(byte[] array, int start, int length) {
    ChannelHandlerContext straight = behindEncoder;
    if (length == 0 || (straight == null ? isOver() : ended || !straight.channel().isActive())) {
      return;
    }
    if (straight != null) {
      ByteBuf frame = frame(straight, array, start, length);
      var _ = straight.writeAndFlush(frame, straight.voidPromise());
      return;
    }
    boolean first = !response.headWritten();
    boolean direct = first && channel != null && channel.isWritable();
    var _ = response.write(Buffer.buffer(length).appendBytes(array, start, length));
    if (direct) {
      goStraight();
    }
  }

  private void goStraight() {
    Channel open = channel;
    if (open != null) {
      behindEncoder = open.pipeline().context(HttpResponseEncoder.class);
      if (behindEncoder != null) {
        watch = new Watch();
        open.pipeline().addFirst(watch);
      }
    }
  }

  private static ByteBuf frame(ChannelHandlerContext to, byte[] array, int start, int length) {
    ByteBuf frame = to.alloc().directBuffer(length + FRAME_BYTES_MAX);
    ByteBufUtil.writeAscii(frame, Integer.toHexString(length));
    return frame.writeShort(LINE_END).writeBytes(array, start, length).writeShort(LINE_END);
  }

  /// Whether the client reads more slowly than it is written to: wait until it has caught up.
  public boolean isFull() {
    return behindEncoder == null
        ? response.writeQueueFull()
        : !behindEncoder.channel().isWritable();
  }

  /// @param caughtUp called each time that the client has caught up after [#isFull] was true
  public void onDrain(Runnable caughtUp) {
    atDrain = caughtUp;
    response.drainHandler(_ -> caughtUp.run());
  }

  /// Whether the answer was ended, or its client has gone.
  public boolean isOver() {
    return response.ended() || response.closed();
  }

  /// Writes the last chunk, and ends the answer.
  public void end(Buffer last) {
    if (isOver()) {
      return;
    }
    if (watch != null && channel != null) {
      channel.pipeline().remove(watch);
    }
    ended = true;
    Future<Void> sent = response.end(last);
    if (closing != null) {
      sent.onComplete(_ -> closing.close());
    }
  }

  /// Breaks the connection, without waiting for what a client does not take: so past Vert.x, which
  /// would.
  public void cut() {
    if (channel != null) {
      var _ = channel.pipeline().firstContext().close();
    } else {
      response.reset();
    }
  }

  /// Hears when the channel can be written to again. That may be in the midst of a write, so it is
  /// told later.
  private final class Watch extends ChannelInboundHandlerAdapter {
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel().isWritable() && atDrain != null) {
        context.executor().execute(atDrain);
      }
      context.fireChannelWritabilityChanged();
    }
  }
}
