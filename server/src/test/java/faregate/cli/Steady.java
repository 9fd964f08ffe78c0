package faregate.cli;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Callers who call again as soon as they are answered, and how long each call took. Moments are
/// those of [System#nanoTime].
final class Steady implements AutoCloseable {
  private final HttpClient http;
  private final List<Took> took = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  private record Took(long began, long ended) {
    Duration time() {
      return Duration.ofNanos(ended - began);
    }
  }

  Steady(HttpClient http, HttpRequest request, int callers) {
    this.http = http;
    for (int caller = 0; caller < callers; caller++) {
      threads.add(Thread.ofVirtual().start(() -> call(request)));
    }
  }

  private void call(HttpRequest request) {
    while (!over) {
      long began = System.nanoTime();
      try {
        http.send(request, HttpResponse.BodyHandlers.ofString());
      } catch (IOException _) {
        // Its server is being stopped; how long that took counts all the same.
      } catch (InterruptedException _) {
        return;
      }
      took.add(new Took(began, System.nanoTime()));
    }
  }

  /// How long the middle one of the calls took that ended between two moments.
  Duration middle(long from, long until) {
    List<Duration> times =
        took.stream()
            .filter(each -> each.ended() >= from && each.ended() <= until)
            .map(Took::time)
            .sorted()
            .toList();
    return times.get(times.size() / 2);
  }

  /// How long the longest call took that was under way between two moments, and has ended.
  Duration longest(long from, long until) {
    return took.stream()
        .filter(each -> each.ended() >= from && each.began() <= until)
        .map(Took::time)
        .max(Duration::compareTo)
        .orElseThrow();
  }

  /// Waits until every caller has been answered once more.
  void round() throws InterruptedException {
    long now = System.nanoTime();
    while (took.stream().filter(each -> each.began() >= now).count() < 2L * threads.size()) {
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    over = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
