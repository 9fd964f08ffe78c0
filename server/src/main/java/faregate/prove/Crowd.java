package faregate.prove;

import faregate.kit.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Clients that call at the same time, each in its own ways, until they are told to stop.
final class Crowd {
  private static final int CLIENTS = 24;
  private static final int THINK_MILLIS_MAX = 300;
  private static final int AWAY_MILLIS = 100;

  private final Population population;
  private final List<Gateway> gateways;
  private final Client client;
  private final ConcurrentLinkedQueue<CallNote> notes = new ConcurrentLinkedQueue<>();
  private final AtomicLong tags = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  Crowd(Population population, List<Gateway> gateways, Clock clock) {
    this.population = population;
    this.gateways = gateways;
    this.client = new Client(clock);
  }

  void start(Dice dice) {
    for (int i = 0; i < CLIENTS; i++) {
      Dice own = dice.child();
      threads.add(Thread.ofVirtual().name("proof-client-" + i).start(() -> live(own)));
    }
  }

  private void live(Dice dice) {
    try {
      while (!over) {
        Gateway gateway = dice.oneOf(gateways);
        String url = gateway.url();
        if (url == null) {
          Thread.sleep(AWAY_MILLIS);
        } else {
          call(dice, gateway, url);
          Thread.sleep(dice.below(THINK_MILLIS_MAX));
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void call(Dice dice, Gateway gateway, String url) throws InterruptedException {
    Payer payer = dice.oneOf(population.of(size(dice)));
    notes.add(
        client.call(
            url,
            gateway.number(),
            dice.oneOf(payer.tokens()),
            payer.wallet(),
            "t" + tags.incrementAndGet(),
            Order.draw(dice)));
  }

  private static Payer.Size size(Dice dice) {
    int part = dice.below(10);
    return part < 5 ? Payer.Size.HOT : part < 8 ? Payer.Size.MIDDLE : Payer.Size.SMALL;
  }

  int calls() {
    return notes.size();
  }

  /// Lets each finish its call and go.
  void stop() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /// At the end, when nothing else is going on: a call that needs nearly all that a wallet has. No
  /// hold of a dead call may stand in its way.
  ///
  /// @param available what is left of its credit, in nano-USD
  /// @return the note of the call
  CallNote last(Gateway gateway, Payer payer, long available) throws InterruptedException {
    String url = gateway.url();
    long tokens = (available * 9 / 10 - Order.PROMPT_NANOS_MAX) / Providers.OUTPUT_NANOS;
    int choices = Math.clamp(tokens / Providers.OUTPUT_TOKENS_MAX, 1, Order.CHOICES_MAX);
    int limit = Math.clamp(tokens / choices, 1, Providers.OUTPUT_TOKENS_MAX);
    CallNote note =
        client.call(
            url == null ? "http://127.0.0.1:1" : url,
            gateway.number(),
            payer.tokens().getFirst(),
            payer.wallet(),
            "t" + tags.incrementAndGet(),
            Order.last(limit, choices));
    notes.add(note);
    return note;
  }

  List<CallNote> notes() {
    return List.copyOf(notes);
  }

  void close() {
    over = true;
    client.close();
  }
}
