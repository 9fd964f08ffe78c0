package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnectOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a server sends, and wherever it is cut: with the short way, the same is told as
/// without.
class InflowTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  private static final String EVENT = "data: {\"a\":\"\r\n\r\n0\r\n\r\n\"}\n\n";
  private static final long SEED = 20_261_121;
  private static final int RANDOM_CUTS = 300;

  /// One end of a connection, and what its reader is told.
  private static final class Listener {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final StringBuilder told = new StringBuilder();
    private final @Nullable Inflow inflow;
    private long taken;

    Listener(boolean shortly) {
      channel.pipeline().addLast(new HttpClientCodec());
      ChannelHandlerContext decoder = channel.pipeline().context(HttpClientCodec.class);
      inflow = shortly ? Inflow.before(decoder) : null;
      channel.pipeline().addLast(new Reader());
    }

    void expect() {
      told.append("\nexpect ");
      if (inflow != null) {
        inflow.expect();
      }
    }

    void hear(byte[] bytes, int from, int to) {
      if (channel.isOpen()) {
        channel.writeInbound(Unpooled.directBuffer(to - from).writeBytes(bytes, from, to - from));
      }
    }

    /// Neighbouring parts of a body are one: how it is cut is nobody's business.
    String told() {
      channel.finishAndReleaseAll();
      return told.toString().replace("><", "");
    }

    private void body(String text) {
      if (!text.isEmpty()) {
        told.append('<').append(text).append('>');
      }
    }

    private final class Reader extends ChannelInboundHandlerAdapter {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        try {
          read((HttpObject) message);
        } finally {
          ReferenceCountUtil.release(message);
        }
      }

      private void read(HttpObject message) {
        if (message.decoderResult().isFailure()) {
          told.append(" bad");
          var _ = channel.close();
          return;
        }
        if (message instanceof HttpResponse head) {
          told.append(head.status().code()).append(' ');
          if (head.status().code() >= 200) {
            begin(head);
          }
        }
        if (message instanceof HttpContent content) {
          body(content.content().toString(StandardCharsets.ISO_8859_1));
        }
        if (message instanceof LastHttpContent last) {
          told.append(" end").append(last.trailingHeaders().entries());
        }
      }

      private void begin(HttpResponse head) {
        boolean chunked =
            "chunked".equalsIgnoreCase(head.headers().get(HttpHeaderNames.TRANSFER_ENCODING));
        if (inflow != null) {
          inflow.begin(
              chunked
                  ? bytes -> {
                    taken += bytes.length();
                    body(bytes.toString(StandardCharsets.ISO_8859_1));
                  }
                  : null);
        }
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        told.append(" bad");
        var _ = context.close();
      }
    }
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  /// @param answers one for each request
  private static Listener hear(boolean shortly, List<String> answers, SortedSet<Integer> cuts) {
    Listener listener = new Listener(shortly);
    for (String answer : answers) {
      listener.expect();
      byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
      int from = 0;
      for (int cut : cuts) {
        if (cut > from && cut < bytes.length) {
          listener.hear(bytes, from, cut);
          from = cut;
        }
      }
      listener.hear(bytes, from, bytes.length);
    }
    return listener;
  }

  private static void sameHoweverCut(List<String> answers) {
    String expected = hear(false, answers, new TreeSet<>()).told();
    int longest = answers.stream().mapToInt(String::length).max().orElseThrow();
    for (int cut = 0; cut < longest; cut++) {
      TreeSet<Integer> cuts = new TreeSet<>(List.of(cut));
      assertThat(hear(true, answers, cuts).told()).as("cut at %d", cut).isEqualTo(expected);
    }
    Random random = new Random(SEED);
    for (int round = 0; round < RANDOM_CUTS; round++) {
      TreeSet<Integer> cuts = new TreeSet<>();
      int count = 1 + random.nextInt(12);
      for (int i = 0; i < count; i++) {
        cuts.add(random.nextInt(longest));
      }
      assertThat(hear(true, answers, cuts).told()).as("cut at %s", cuts).isEqualTo(expected);
    }
  }

  @Test
  void chunksAreToldAsTheDecoderTellsThem() {
    String body = chunk(EVENT) + chunk("x") + chunk(EVENT.repeat(20)) + "0\r\n\r\n";
    sameHoweverCut(List.of(HEAD + body, HEAD + chunk("second") + "0\r\n\r\n"));
  }

  @Test
  void theShortWayIsTaken() {
    Listener listener =
        hear(true, List.of(HEAD + chunk(EVENT) + chunk("x") + "0\r\n\r\n"), new TreeSet<>());
    assertThat(listener.told()).contains(" end[]");
    assertThat(listener.taken).isEqualTo(EVENT.length() + 1);
  }

  /// It needs what Vert.x does not promise, and does without where that is gone: then this tells.
  @Test
  void vertxStillLetsUsStandBeforeItsDecoder() throws Exception {
    Vertx vertx = EventLoops.start(1);
    try (Peer peer = new Peer(Peer.Connection::hear)) {
      HttpConnectOptions peers = new HttpConnectOptions().setHost("127.0.0.1").setPort(peer.port());
      assertThat(Inflow.on(vertx.createHttpClient().connect(peers).await())).isNotNull();
    } finally {
      vertx.close().await();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5;name=value\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
        "5\r\nhello\r\n5;name=value\r\nworld\r\n0;last\r\n\r\n",
        "0005\r\nhello\r\n000000005\r\nworld\r\n00\r\n\r\n",
        "A\r\nhelloworld\r\na\r\nhelloworld\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nchecksum: 1\r\nfurther: 2\r\n\r\n",
        "0\r\n\r\n",
      })
  void unusualChunksToo(String body) {
    sameHoweverCut(List.of(HEAD + body, HEAD + chunk("next") + "0\r\n\r\n"));
  }

  @Test
  void headsThatPrecedeTheAnswerToo() {
    String hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    String body = chunk("hello") + "0\r\n\r\n";
    sameHoweverCut(List.of("HTTP/1.1 100 Continue\r\n\r\n" + hints + HEAD + body, HEAD + body));
  }

  @Test
  void noEndOfLineEndsHarmsNobody() {
    sameHoweverCut(List.of("\r\n\r\n".repeat(200) + HEAD + chunk("hello") + "0\r\n\r\n"));
    String many = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20_000);
    String answer = many + HEAD + chunk("hello") + "0\r\n\r\n";
    assertThat(hear(true, List.of(answer), new TreeSet<>()).told()).endsWith("200 <hello> end[]");
  }

  @Test
  void bodiesOfAnotherKindToo() {
    String known = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n3\r\nabc\r\n0\r\n";
    String none = "HTTP/1.1 204 No Content\r\n\r\n";
    String chunked = HEAD + chunk("hello") + "0\r\n\r\n";
    sameHoweverCut(List.of(known, chunked, none, chunked, known));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\nhello\r\n", "-5\r\nhello\r\n", "\r\n5\r\nhello\r\n"})
  void nonsenseInsteadOfASizeIsTheDecodersAffair(String body) {
    sameHoweverCut(List.of(HEAD + chunk("before") + body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"3\r\nhello\r\n0\r\n\r\n", "5\r\nhello\rx0\r\n\r\n", "5\r\nhello\n0\r\n\r\n"})
  void aChunkThatDoesNotEndWhereItShouldBreaksTheAnswer(String body) {
    byte[] bytes = (HEAD + body).getBytes(StandardCharsets.ISO_8859_1);
    for (int cut = 0; cut < bytes.length; cut++) {
      Listener listener = hear(true, List.of(HEAD + body), new TreeSet<>(List.of(cut)));
      assertThat(listener.told()).contains(" bad").doesNotContain(" end");
    }
  }

  @Test
  void aHeadWithBareLineFeedsIsLeftToTheDecoder() {
    String odd = HEAD.replace("\r\n", "\n");
    List<String> parts = new ArrayList<>(List.of(chunk(EVENT), chunk("x"), "0\r\n\r\n"));
    List<String> answers = List.of(odd + String.join("", parts));
    assertThat(hear(true, answers, new TreeSet<>()).taken).isZero();
    sameHoweverCut(answers);
  }
}
