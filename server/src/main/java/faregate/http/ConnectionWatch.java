package faregate.http;

import faregate.id.CallId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/// Loses patience with a connection that rests too long, that begins a request and does not finish
/// its head, or that takes nothing of what it is being answered. A connection with a request in
/// work and nothing to take is never touched here, however silent.
///
/// Vert.x has an idle timeout only, which cannot tell a waiting client from a dead one; so this
/// stands in the channel's own pipeline, as [Chunks] and [Inflow] do for the sake of speed.
final class ConnectionWatch implements Sweep.Watched {
  private static final int METHOD_AND_PATH_BYTES = 16;

  private final ServerSettings settings;
  private final Supplier<CallId> ids;
  private final Sweep sweep;
  private final ConnectionBase connection;
  private long since;
  private boolean inHead;
  private Envelope envelope = Envelope.PLAIN;
  private int inWork;

  /// What waited to be taken when it last became less, and when that was.
  private long waiting;

  private long taken;
  private long movedNanos;
  private boolean stalled;

  private ConnectionWatch(
      ServerSettings settings, Supplier<CallId> ids, Sweep sweep, ConnectionBase connection) {
    this.settings = settings;
    this.ids = ids;
    this.sweep = sweep;
    this.connection = connection;
    this.since = sweep.now();
  }

  static void over(
      HttpConnection connection, ServerSettings settings, Supplier<CallId> ids, Sweep sweep) {
    // A client that leaves is told by its request; without this Vert.x logs it as an error.
    connection.exceptionHandler(_ -> {});
    if (connection instanceof ConnectionBase base) {
      ConnectionWatch watch = new ConnectionWatch(settings, ids, sweep, base);
      ChannelPipeline pipeline = base.channel().pipeline();
      pipeline.addFirst(watch.new Bytes());
      pipeline.addBefore(base.channelHandlerContext().name(), null, watch.new Messages());
      sweep.add(watch);
    }
  }

  @Override
  public boolean isOverdue(long nowNanos) {
    if (hasUntaken(nowNanos)) {
      since = nowNanos;
      stalled = nowNanos - movedNanos >= settings.idleTimeout().toNanos();
      return stalled;
    }
    if (inWork > 0) {
      return false;
    }
    long patience = (inHead ? settings.headTimeout() : settings.idleTimeout()).toNanos();
    return nowNanos - since >= patience;
  }

  /// Whether something waits for the client, and since when it has taken nothing of it.
  private boolean hasUntaken(long nowNanos) {
    ChannelOutboundBuffer out = connection.channel().unsafe().outboundBuffer();
    long left = out == null ? 0 : out.totalPendingWriteBytes();
    long progress = out == null ? 0 : out.currentProgress();
    if (left != waiting || progress != taken) {
      waiting = left;
      taken = progress;
      movedNanos = nowNanos;
    }
    return left > 0;
  }

  @Override
  public void expire() {
    if (stalled) {
      // Vert.x would wait until the rest is taken.
      var _ = connection.channel().pipeline().firstContext().close();
      return;
    }
    String id = inHead ? id() : "";
    if (id.isEmpty()) {
      var _ = connection.channel().close();
      return;
    }
    Problem problem =
        Problem.of(408, "slow_sender", "The head of this request did not come in time");
    String body = new String(envelope.wrap(problem), StandardCharsets.UTF_8);
    String answer =
        "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\n"
            + "x-request-id: "
            + id
            + "\r\nx-error-message: "
            + problem.message()
            + "\r\ncontent-length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    var _ =
        connection
            .channel()
            .pipeline()
            .firstContext()
            .writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII))
            .addListener(ChannelFutureListener.CLOSE);
  }

  /// Empty when there is none to be had.
  private String id() {
    try {
      return ids.get().text();
    } catch (RuntimeException _) {
      return "";
    }
  }

  /// By the path, as far as it has come.
  private static Envelope envelope(Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      return Envelope.PLAIN;
    }
    int length = Math.min(bytes.readableBytes(), METHOD_AND_PATH_BYTES);
    String begun = bytes.toString(bytes.readerIndex(), length, StandardCharsets.ISO_8859_1);
    return Envelope.of(begun.substring(begun.indexOf(' ') + 1));
  }

  /// Sees bytes before they are read as HTTP.
  private final class Bytes extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (inWork == 0 && !inHead) {
        inHead = true;
        since = sweep.now();
        envelope = envelope(message);
      }
      context.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      sweep.remove(ConnectionWatch.this);
      context.fireChannelInactive();
    }
  }

  /// Sees requests begin and answers end.
  private final class Messages extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest) {
        inHead = false;
        inWork++;
      }
      context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      boolean interim = message instanceof HttpResponse response && response.status().code() < 200;
      if (message instanceof LastHttpContent && !interim) {
        inWork--;
        since = sweep.now();
      }
      var _ = context.write(message, promise);
    }
  }
}
