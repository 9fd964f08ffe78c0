package faregate.gateway;

import faregate.dialect.ChatChunk;
import faregate.dialect.ChunkReader;
import faregate.http.Chunks;
import faregate.http.SseEvent;
import faregate.http.SseReader;
import faregate.http.UpstreamAnswer;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Pumps one stream from the provider to the client, event by event, and counts it.
///
/// Events pass as the bytes they came in. Two are kept back: an event that reports usage, until it
/// is known whether it was the last one, and `[DONE]`; both wait for the commit of the charge.
/// Until the client is [bound][#bind], all events are kept, so that a stream that begins with an
/// error can still be replaced by another attempt.
///
/// Belongs to one event loop. The client's slowness pauses the provider.
final class Delivery {
  private static final byte[] NOTHING = {};
  private static final int NOT_COUNTED = -1;

  /// What may come before a stream begins to say anything.
  private static final int AHEAD_BYTES_MAX = 1 << 20;

  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
  private static final byte[] KEEP_ALIVE = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

  private final UpstreamAnswer upstream;
  private final SseReader reader;
  private final ChunkReader chunks = new ChunkReader();
  private final Delivered delivered;
  private final boolean wantsUsage;
  private final int choices;
  private final StringBuilder unheard = new StringBuilder();
  private final Buffer ahead = Buffer.buffer();

  private @Nullable Runnable atBegin;
  private @Nullable Consumer<RuntimeException> atFalseStart;
  private @Nullable Consumer<Course.End> atEnd;
  private Course.@Nullable End ended;

  private @Nullable Chunks client;
  private boolean bound;
  private @Nullable ChatChunk usageChunk;
  private byte[] usageData = NOTHING;
  private byte[] usageEvent = NOTHING;

  /// Where the text of the event kept back begins among what was delivered.
  private int usageText = NOT_COUNTED;

  private @Nullable Quantities reported;
  private int finishes;
  private boolean upstreamOver;
  private boolean errorFinish;
  private boolean draining;
  private boolean paused;
  private byte[] passArray = NOTHING;
  private int passStart;
  private int passEnd;
  private long heardMillis;
  private long spokenMillis;

  /// @param eventBytesMax the largest event that is taken
  /// @param wantsUsage whether the client asked for the usage chunk
  /// @param choices how many answers were asked for
  Delivery(
      UpstreamAnswer upstream,
      Delivered delivered,
      boolean wantsUsage,
      int choices,
      int eventBytesMax) {
    this.upstream = upstream;
    this.delivered = delivered;
    this.wantsUsage = wantsUsage;
    this.choices = choices;
    this.reader = new SseReader(eventBytesMax);
  }

  /// Starts to read.
  ///
  /// @param begun called when the stream has begun well: its first output is there
  /// @param falseStart called instead when it began with an error, with nonsense, or not at all
  void begin(Runnable begun, Consumer<RuntimeException> falseStart) {
    atBegin = begun;
    atFalseStart = falseStart;
    upstream
        .body()
        .handler(this::chunk)
        .endHandler(_ -> upstreamEnded())
        .exceptionHandler(_ -> end(Course.End.BROKE))
        .resume();
  }

  /// @param told called when the provider has nothing more to say, or said enough: now, if that is
  ///   so already
  void onEnd(Consumer<Course.End> told) {
    if (ended == null) {
      atEnd = told;
    } else {
      told.accept(ended);
    }
  }

  /// Lets the stream flow to a client whose head has been written.
  void bind(Chunks chunks) {
    client = chunks;
    bound = true;
    chunks.onDrain(this::drained);
    if (ahead.length() > 0) {
      byte[] all = ahead.getBytes();
      chunks.write(all, 0, all.length);
    }
    pauseWhileFull();
  }

  /// The client left: reads on for the bill, without anyone to deliver to.
  void drain() {
    takeBack();
    draining = true;
    client = null;
    drained();
  }

  /// Ends the reading from outside: the client left, or a bound was reached.
  void stop(Course.End how) {
    end(how);
  }

  /// Whether the client was sent any output.
  boolean hasDelivered() {
    return bound && delivered.isSome();
  }

  /// What the provider says of the answer as far as it came; null when it does not say. What it
  /// said before the last output is not believed.
  @Nullable Quantities reported() {
    return reported;
  }

  /// Whether the provider closed its account: the last event was the one that only tells the usage.
  boolean isAccounted() {
    return usageChunk != null && usageChunk.isUsageOnly();
  }

  /// Whether the provider's answer has come to the end of its bytes.
  boolean isUpstreamOver() {
    return upstreamOver;
  }

  /// Whether the provider is made to wait by the client.
  boolean isPaused() {
    return paused;
  }

  private void chunk(Buffer chunk) {
    if (ended != null) {
      return;
    }
    heardMillis = 0;
    try {
      reader.read(chunk, this::event);
      passOn();
      pauseWhileFull();
      if (ahead.length() > AHEAD_BYTES_MAX && client == null) {
        end(Course.End.BROKE);
      }
    } catch (RuntimeException _) {
      end(Course.End.BROKE);
    }
  }

  private void event(SseEvent event) {
    if (ended != null) {
      return;
    }
    if (!event.hasData()) {
      pass(event);
    } else if (event.isDone()) {
      end(errorFinish ? Course.End.ERROR_FINISH : Course.End.COMPLETED);
    } else {
      data(event);
    }
  }

  private void data(SseEvent event) {
    unheard.setLength(0);
    StringBuilder text = draining ? unheard : delivered.text();
    int textStart = text.length();
    ChatChunk chunk = chunks.read(event.dataArray(), event.dataStart(), event.dataLength(), text);
    if (chunk == null || chunk.isError()) {
      end(Course.End.BROKE);
      return;
    }
    releaseUsage();
    if (chunk.hasOutput() && !draining) {
      delivered.chunk();
    }
    finishes += chunk.finishes();
    errorFinish |= chunk.finishedWithError();
    Quantities told = chunk.reported();
    if (told == null) {
      reported = chunk.hasOutput() ? null : reported;
      pass(event);
    } else {
      reported = told;
      keep(event, chunk);
      usageText = chunk.hasOutput() && !draining ? textStart : NOT_COUNTED;
    }
    if (chunk.hasOutput() || finishes > 0 || told != null) {
      hasBegun();
    }
  }

  /// Keeps an event that reports usage: if it is the last, the cost goes into it.
  private void keep(SseEvent event, ChatChunk chunk) {
    passOn();
    usageChunk = chunk;
    usageEvent = Arrays.copyOfRange(event.array(), event.start(), event.end());
    usageData = Arrays.copyOfRange(event.dataArray(), event.dataStart(), event.dataEnd());
  }

  /// More came behind it, so it was not the last: it passes as it is.
  private void releaseUsage() {
    if (usageChunk != null) {
      if (wantsUsage || !usageChunk.isUsageOnly()) {
        passOn();
        write(usageEvent, 0, usageEvent.length);
      }
      usageChunk = null;
      usageText = NOT_COUNTED;
    }
  }

  /// The client left: what is kept back will not reach it, so it is not paid for as delivered.
  private void takeBack() {
    if (usageText != NOT_COUNTED) {
      delivered.takeBack(usageText);
      usageText = NOT_COUNTED;
    }
  }

  /// Neighbouring events of one chunk, which share its very array, leave in one write.
  @SuppressWarnings("ReferenceEquality")
  private void pass(SseEvent event) {
    if (event.array() != passArray || event.start() != passEnd) {
      passOn();
      passArray = event.array();
      passStart = event.start();
    }
    passEnd = event.end();
  }

  private void passOn() {
    if (passEnd > passStart) {
      write(passArray, passStart, passEnd - passStart);
    }
    passArray = NOTHING;
    passStart = 0;
    passEnd = 0;
  }

  private void write(byte[] array, int start, int length) {
    if (client != null) {
      spokenMillis = 0;
      client.write(array, start, length);
    } else if (!draining) {
      ahead.appendBytes(array, start, length);
    }
  }

  private void pauseWhileFull() {
    if (client != null && !paused && client.isFull()) {
      paused = true;
      upstream.body().pause();
    }
  }

  private void drained() {
    if (paused) {
      paused = false;
      upstream.body().resume();
    }
  }

  private void upstreamEnded() {
    upstreamOver = true;
    boolean whole = finishes >= choices || isAccounted();
    end(errorFinish ? Course.End.ERROR_FINISH : whole ? Course.End.COMPLETED : Course.End.BROKE);
  }

  private void end(Course.End how) {
    if (ended != null) {
      return;
    }
    passOn();
    if (how == Course.End.CLIENT_LEFT) {
      takeBack();
    }
    // First, for what has waited meanwhile may be told at once.
    ended = how;
    drained();
    if (how == Course.End.BROKE && atFalseStart != null) {
      Consumer<RuntimeException> told = atFalseStart;
      atBegin = null;
      atFalseStart = null;
      told.accept(new BrokenBeginning());
    }
    hasBegun();
    if (atEnd != null) {
      atEnd.accept(how);
    }
  }

  /// Told once.
  private void hasBegun() {
    Runnable told = atBegin;
    if (told != null) {
      atBegin = null;
      atFalseStart = null;
      told.run();
    }
  }

  /// The stream began with an error, with nonsense, or ended before it began.
  static final class BrokenBeginning extends RuntimeException {
    private static final long serialVersionUID = 1;

    BrokenBeginning() {
      super("the stream began with no answer", null, false, false);
    }
  }

  /// Told now and then how much time has passed: speaks up in a silence, and gives up on a provider
  /// that is silent for too long.
  void passed(long millis, CallSettings settings) {
    heardMillis += paused ? 0 : millis;
    spokenMillis += millis;
    if (spokenMillis >= settings.keepAliveMillis()) {
      keepAlive();
    }
    if (heardMillis >= settings.stallMillis()) {
      end(Course.End.BROKE);
    }
  }

  /// A comment, so that nobody between us and the client takes silence for death. Before the stream
  /// has begun it ends the waiting for another attempt: the client is told that it is served.
  private void keepAlive() {
    hasBegun();
    if (client != null && !client.isOver() && !client.isFull()) {
      write(KEEP_ALIVE, 0, KEEP_ALIVE.length);
    }
  }

  /// Writes what was kept back, now that the charge is committed, and ends the answer.
  ///
  /// @param ownUsage a usage chunk of our own, for when the provider told none
  void finish(Nanos cost, Supplier<String> ownUsage) {
    if (client == null || client.isOver()) {
      return;
    }
    Buffer last = Buffer.buffer();
    ChatChunk chunk = usageChunk;
    if (chunk != null && (wantsUsage || !chunk.isUsageOnly())) {
      data(last, chunk.withCost(usageData, cost));
    } else if (wantsUsage) {
      data(last, ownUsage.get().getBytes(StandardCharsets.UTF_8));
    }
    if (!wantsUsage) {
      last.appendString(": cost_nano_usd=" + cost.value() + "\n\n");
    }
    client.end(last.appendBuffer(DONE));
  }

  private static void data(Buffer to, byte[] json) {
    to.appendString("data: ").appendBytes(json).appendString("\n\n");
  }

  /// Tells the client that the stream failed, and ends it without `[DONE]`.
  ///
  /// @param error an error object of the dialect
  void fail(byte[] error) {
    if (client == null || client.isOver()) {
      return;
    }
    Buffer last = Buffer.buffer();
    // It was kept back for its usage; what it delivers is paid for.
    if (usageChunk != null && !usageChunk.isUsageOnly()) {
      last.appendBytes(usageEvent);
    }
    data(last, error);
    client.end(last);
  }
}
