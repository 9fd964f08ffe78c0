package faregate.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.HttpClientCodec;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.impl.UnpooledHttpClientConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The chunks of streamed answers, on their way from one upstream connection.
///
/// Heads and last chunks are read by Vert.x, and so are bodies of a known length. The chunks
/// between, which are nearly all, are taken from the channel in front of its decoder, past a
/// decoder and two pipelines that have nothing to add to them. The decoder never sees these, and
/// stands at the beginning of a chunk all the while: so whatever is unusual there, and the last
/// chunk too, is left to it with all that follows.
///
/// Belongs to one event loop.
final class Inflow extends ChannelInboundHandlerAdapter {
  private static final int SIZE_DIGITS_MAX = 7;
  private static final int LINE_END_BYTES = 2;

  /// Line ends of a head's last line and of the blank line behind it.
  private static final int HEAD_END_BYTES = 4;

  private enum State {
    /// No answer is awaited, or its rest is left to the decoder.
    PASS,
    /// The head of an answer is awaited.
    HEAD,
    /// Before a chunk.
    SIZE,
    /// In a chunk.
    DATA,
    /// In the line end behind a chunk.
    DATA_END
  }

  private final Channel channel;
  private State state = State.PASS;

  /// How much has come of what ends a head.
  private int headEnd;

  /// Whether a whole head, and no more, is being given to the decoder.
  private boolean passingHead;

  /// Whether the head of the awaited answer was told; others may precede it.
  private boolean headTold;

  /// Whether the decoder was given something since it last heard that there is no more for now.
  private boolean passed;

  private @Nullable Consumer<Buffer> taker;

  /// Bytes of the chunk, or of the line end behind it.
  private int missing;

  /// The first bytes of a size line.
  private ByteBuf carried = Unpooled.EMPTY_BUFFER;

  private Inflow(Channel channel) {
    this.channel = channel;
  }

  /// @return null where the connection is not one of HTTP/1.1
  static @Nullable Inflow on(HttpClientConnection connection) {
    Channel channel = channel(connection);
    ChannelHandlerContext decoder =
        channel == null ? null : channel.pipeline().context(HttpClientCodec.class);
    return decoder == null ? null : before(decoder);
  }

  /// What lies under a connection; null where Vert.x does not tell.
  static @Nullable Channel channel(HttpClientConnection connection) {
    return connection instanceof UnpooledHttpClientConnection unpooled
            && unpooled.unwrap() instanceof ConnectionBase base
        ? base.channel()
        : null;
  }

  static Inflow before(ChannelHandlerContext decoder) {
    Inflow inflow = new Inflow(decoder.channel());
    decoder.pipeline().addBefore(decoder.name(), null, inflow);
    return inflow;
  }

  /// A request is about to be sent, so an answer will come.
  void expect() {
    state = State.HEAD;
    headEnd = 0;
    headTold = false;
    taker = null;
  }

  /// The head of the awaited answer was told.
  ///
  /// @param chunks takes what the chunks of its body hold, up to the last, which is told by Vert.x;
  ///   null where the body comes in no chunks
  /// @return whether it will be called; where not, Vert.x tells the whole body
  boolean begin(@Nullable Consumer<Buffer> chunks) {
    headTold = true;
    taker = passingHead ? chunks : null;
    return taker != null;
  }

  /// Reads no more for now.
  void stop() {
    channel.config().setAutoRead(false);
  }

  void goOn() {
    channel.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    while (state == State.HEAD && head(context, bytes)) {
      // Another one may follow.
    }
    if (!bytes.isReadable()) {
      bytes.release();
    } else if (state == State.PASS || state == State.HEAD) {
      context.fireChannelRead(bytes);
    } else {
      body(context, bytes);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (passed || state == State.PASS || state == State.HEAD) {
      passed = false;
      context.fireChannelReadComplete();
    }
  }

  /// Gives a whole head to the decoder.
  ///
  /// @return whether there was one, and bytes behind it
  private boolean head(ChannelHandlerContext context, ByteBuf bytes) {
    int length = headLength(bytes);
    if (headEnd < HEAD_END_BYTES) {
      return false;
    }
    headEnd = 0;
    passingHead = true;
    passed = true;
    context.fireChannelRead(bytes.readRetainedSlice(length));
    passingHead = false;
    if (headTold) {
      state = taker == null ? State.PASS : State.SIZE;
    }
    return bytes.isReadable();
  }

  /// How far the head goes, to the end of the bytes at most. One whose lines end in another way
  /// than they should is left to the decoder.
  private int headLength(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int to = bytes.writerIndex();
    int at = from;
    while (at < to && headEnd < HEAD_END_BYTES) {
      byte letter = bytes.getByte(at++);
      boolean afterReturn = headEnd % 2 == 1;
      if (letter == '\n') {
        if (!afterReturn) {
          state = State.PASS;
          return 0;
        }
        headEnd++;
      } else if (letter == '\r') {
        headEnd = afterReturn ? 1 : headEnd + 1;
      } else {
        headEnd = 0;
      }
    }
    return at - from;
  }

  private void body(ChannelHandlerContext context, ByteBuf arrived) {
    ByteBuf bytes = arrived;
    if (carried.isReadable()) {
      bytes = Unpooled.wrappedBuffer(carried, arrived);
      carried = Unpooled.EMPTY_BUFFER;
    }
    Consumer<Buffer> told = taker;
    byte[] data = new byte[bytes.readableBytes()];
    int length = 0;
    boolean broken = false;
    while (bytes.isReadable() && state != State.PASS && !broken) {
      switch (state) {
        case DATA -> {
          int some = Math.min(missing, bytes.readableBytes());
          bytes.readBytes(data, length, some);
          length += some;
          missing -= some;
          if (missing == 0) {
            state = State.DATA_END;
            missing = LINE_END_BYTES;
          }
        }
        case DATA_END -> {
          broken = bytes.readByte() != (missing == LINE_END_BYTES ? '\r' : '\n');
          if (--missing == 0) {
            state = State.SIZE;
          }
        }
        case SIZE -> size(bytes);
        case PASS, HEAD -> throw new IllegalStateException("a body is no place for " + state);
      }
    }
    if (length > 0 && told != null) {
      told.accept(BufferInternal.buffer(Unpooled.wrappedBuffer(data, 0, length)));
    }
    if (broken) {
      bytes.release();
      state = State.PASS;
      context.fireExceptionCaught(
          new CorruptedFrameException("a chunk is longer than its size line says"));
    } else if (bytes.isReadable()) {
      context.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
  }

  /// Reads a size line. The first part of one is carried over; one that is not just a size, and
  /// that of the last chunk, is left to the decoder.
  private void size(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int to = bytes.writerIndex();
    int at = from;
    int size = 0;
    while (at < to && at - from < SIZE_DIGITS_MAX) {
      int digit = Character.digit(bytes.getByte(at), 16);
      if (digit < 0) {
        break;
      }
      size = size << 4 | digit;
      at++;
    }
    boolean plain =
        at > from
            && (at == to || bytes.getByte(at) == '\r')
            && (at + 1 >= to || bytes.getByte(at + 1) == '\n');
    if (!plain || (size == 0 && at < to)) {
      state = State.PASS;
    } else if (to - at < LINE_END_BYTES) {
      carried = Unpooled.copiedBuffer(bytes);
      bytes.skipBytes(bytes.readableBytes());
    } else {
      bytes.readerIndex(at + LINE_END_BYTES);
      state = State.DATA;
      missing = size;
    }
  }
}
