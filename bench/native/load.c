// Load on an OpenAI-compatible server on loopback, and what it took. One thread, epoll.
//
//   load closed  --port N --connections C --seconds S     each connection asks again when answered
//   load open    --port N --connections C --seconds S --rate R
//   load streams --port N --connections C --seconds S --chunks K --pace MS [--ramp MS]
//
// Further: --token T --model M --warm S (not counted) --watch PID (whose processor time is counted),
// --requests R (ends earlier, after so many), --max-tokens N (512), --status S (which answer is the right one, 200).
//
// `open` starts requests at a constant rate, whatever the server does: one that finds no connection
// free waits, and its latency counts from when it should have started. So a server that stalls
// cannot make the load wait for it and hide the stall (coordinated omission).
// `streams` counts chunks, and how old each is when it comes, by the time that the bench's upstream
// wrote into it.
//
// Prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

#define IN_BYTES 16384
#define LINE_BYTES 1024
#define EVENTS 512
#define GIVE_UP_NANOS (10 * NANOS_PER_SECOND)

enum reading { HEAD, WHOLE, SIZE, CHUNK, CHUNK_END, TRAILER };

struct connection {
  int fd;
  bool busy, fine;
  int64_t intended_nanos;
  enum reading reading;
  char line[LINE_BYTES];  // of the head, of a chunk's size, or of the event stream
  int line_length;
  char event[LINE_BYTES];
  int event_length;
  int64_t left;
  bool chunked, done;
};

enum mode { CLOSED, OPEN, STREAMS };

static enum mode mode;
static int loop_fd, port;
static struct connection *connections;
static long connection_count, opened;
static int *resting, resting_count;
static char request[4096];
static int request_length;
static struct histogram latency, age;
static long requests, errors, chunks, lost_connections;
static long requests_max;
static char right_status[4];
static bool counting, stopping;
static char first_error[256];

// --- the processor time of a process --------------------------------------------------------------

static long watched;

// User and system time of all threads, in nanoseconds; right to a clock tick.
static int64_t processor_nanos(void) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", watched);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  char *after_name = strrchr(text, ')');
  unsigned long user = 0, system = 0;
  if (after_name) {
    sscanf(after_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  }
  return (int64_t)(user + system) * (NANOS_PER_SECOND / sysconf(_SC_CLK_TCK));
}

// --- connections ----------------------------------------------------------------------------------

static void connect_now(struct connection *c) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) fail("cannot connect");
  int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(loop_fd, EPOLL_CTL_ADD, c->fd, &e);
}

static void ask(struct connection *c, int64_t intended_nanos) {
  c->busy = true;
  c->intended_nanos = intended_nanos;
  c->reading = HEAD;
  c->line_length = c->event_length = 0;
  c->chunked = c->done = c->fine = false;
  c->left = 0;
  if (send(c->fd, request, (size_t)request_length, MSG_NOSIGNAL) != request_length) fail("cannot send");
}

static void finish(struct connection *c) {
  c->busy = false;
  bool fine = c->fine && (mode != STREAMS || c->done);
  if (counting) {
    requests++;
    errors += !fine;
    if (fine) record(&latency, now_nanos() - c->intended_nanos);
    if (requests_max && requests >= requests_max) stopping = true;
  }
  if (mode == OPEN) {
    resting[resting_count++] = (int)(c - connections);
  } else if (!stopping) {
    ask(c, now_nanos());
  }
}

// --- reading answers ------------------------------------------------------------------------------

static void head_line(struct connection *c, const char *line) {
  if (strncmp(line, "HTTP/1.1 ", 9) == 0) {
    c->fine = strncmp(line + 9, right_status, 3) == 0;
    if (!c->fine && !first_error[0]) snprintf(first_error, sizeof first_error, "%.200s", line);
  } else if (strncasecmp(line, "content-length:", 15) == 0) {
    c->left = atoll(line + 15);
  } else if (strncasecmp(line, "transfer-encoding:", 18) == 0) {
    c->chunked = strcasestr(line, "chunked") != NULL;
  }
}

static void event_line(struct connection *c, const char *line) {
  const char *stamp = strstr(line, " t=");
  if (stamp) {
    if (counting) {
      chunks++;
      record(&age, now_nanos() - atoll(stamp + 3));
    }
  } else if (strcmp(line, "data: [DONE]") == 0) {
    c->done = true;
  }
}

static void event_bytes(struct connection *c, const char *bytes, long length) {
  while (length > 0) {
    const char *end = memchr(bytes, '\n', (size_t)length);
    long part = end ? end - bytes : length;
    long room = LINE_BYTES - 1 - c->event_length;
    long kept = part < room ? part : room;
    memcpy(c->event + c->event_length, bytes, (size_t)kept);
    c->event_length += (int)kept;
    if (!end) return;
    c->event[c->event_length] = 0;
    event_line(c, c->event);
    c->event_length = 0;
    bytes += part + 1;
    length -= part + 1;
  }
}

// Takes one line that ends in CRLF, when it is whole.
static bool take_line(struct connection *c, const char **at, const char *end) {
  while (*at < end) {
    char next = *(*at)++;
    if (next == '\n') {
      if (c->line_length && c->line[c->line_length - 1] == '\r') c->line_length--;
      c->line[c->line_length] = 0;
      c->line_length = 0;
      return true;
    }
    if (c->line_length < LINE_BYTES - 1) c->line[c->line_length++] = next;
  }
  return false;
}

static void head_is_over(struct connection *c) {
  c->reading = c->chunked ? SIZE : WHOLE;
  if (!c->chunked && c->left == 0) finish(c);
}

static void body_bytes(struct connection *c, const char **at, const char *end) {
  long part = end - *at < c->left ? end - *at : c->left;
  if (mode == STREAMS) event_bytes(c, *at, part);
  *at += part;
  c->left -= part;
  if (c->left > 0) return;
  if (c->chunked) {
    c->reading = CHUNK_END;
  } else {
    finish(c);
  }
}

static void read_answer(struct connection *c, const char *at, const char *end) {
  while (at < end && c->busy) {
    switch (c->reading) {
      case HEAD:
        if (take_line(c, &at, end)) {
          if (c->line[0]) {
            head_line(c, c->line);
          } else {
            head_is_over(c);
          }
        }
        break;
      case SIZE:
        if (take_line(c, &at, end)) {
          c->left = strtol(c->line, NULL, 16);
          c->reading = c->left ? CHUNK : TRAILER;
        }
        break;
      case CHUNK:
      case WHOLE:
        body_bytes(c, &at, end);
        break;
      case CHUNK_END:
        if (take_line(c, &at, end)) c->reading = SIZE;
        break;
      case TRAILER:
        if (take_line(c, &at, end) && !c->line[0]) finish(c);
        break;
    }
  }
}

static void lose(struct connection *c) {
  lost_connections++;
  bool was_busy = c->busy;
  close(c->fd);
  connect_now(c);
  if (was_busy) {
    c->fine = false;
    finish(c);
  }
}

static void read_now(struct connection *c) {
  char in[IN_BYTES];
  ssize_t got = recv(c->fd, in, sizeof in, MSG_DONTWAIT);
  if (got > 0) {
    read_answer(c, in, in + got);
  } else if (got == 0 || errno != EAGAIN) {
    lose(c);
  }
}

// --- the run --------------------------------------------------------------------------------------

static void wait_until(int64_t nanos) {
  struct epoll_event events[EVENTS];
  int64_t rest = nanos - now_nanos();
  if (rest < 0) rest = 0;
  struct timespec most = {.tv_sec = rest / NANOS_PER_SECOND, .tv_nsec = rest % NANOS_PER_SECOND};
  int count = epoll_pwait2(loop_fd, events, EVENTS, &most, NULL);
  for (int i = 0; i < count; i++) read_now(events[i].data.ptr);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Opens the connections one after the other over `ramp` nanoseconds.
static void open_connections(int64_t ramp_nanos) {
  int64_t start = now_nanos();
  for (opened = 0; opened < connection_count; opened++) {
    int64_t due = start + ramp_nanos * opened / connection_count;
    while (now_nanos() < due) wait_until(due);
    struct connection *c = &connections[opened];
    connect_now(c);
    if (mode == OPEN) {
      resting[resting_count++] = (int)opened;
    } else {
      ask(c, now_nanos());
    }
  }
}

// At a constant rate, from `start` on, until `end`.
static void run_open(double rate, int64_t start, int64_t end, int64_t count_from) {
  int64_t sent = 0;
  int64_t next = start;
  while (next < end && !stopping) {
    int64_t now = now_nanos();
    if (now > end + GIVE_UP_NANOS) return;
    counting = next >= count_from;
    while (next <= now && next < end && resting_count > 0) {
      ask(&connections[resting[--resting_count]], next);
      next = start + (int64_t)((double)++sent / rate * NANOS_PER_SECOND);
    }
    wait_until(resting_count > 0 ? next : end + GIVE_UP_NANOS);
  }
  // What was started in time is waited for, and counted.
  while (resting_count < connection_count && now_nanos() < end + GIVE_UP_NANOS) {
    wait_until(end + GIVE_UP_NANOS);
  }
  errors += connection_count - resting_count;
}

static void run_until(int64_t end) {
  while (now_nanos() < end && !stopping) wait_until(end);
}

static void make_request(const char *token, const char *model, long max_tokens, long chunk_count, long pace) {
  char body[1024];
  int length = snprintf(
      body, sizeof body,
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant "
      "who answers briefly.\"},{\"role\":\"user\",\"content\":\"What is a fare gate, and what is the "
      "ledger behind it good for? Two sentences, please.\"}],\"temperature\":0.7,\"max_tokens\":%ld%s",
      model, max_tokens, mode == STREAMS ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "");
  if (mode == STREAMS) {
    length += snprintf(body + length, sizeof body - (size_t)length, ",\"user\":\"%ld,%ld\"", chunk_count, pace);
  }
  length += snprintf(body + length, sizeof body - (size_t)length, "}");
  request_length = snprintf(request, sizeof request,
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                            "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                            "Accept: */*\r\nUser-Agent: bench\r\nContent-Length: %d\r\n\r\n%s",
                            port, token, length, body);
}

static void print_figures(double seconds, int64_t processor, bool is_open) {
  printf("{\"seconds\":%.3f,\"requests\":%ld,\"errors\":%ld,\"lost_connections\":%ld,"
         "\"requests_per_second\":%.1f,\"processor_micros\":%.0f,",
         seconds, requests, errors, lost_connections, (double)requests / seconds,
         (double)processor / 1000.0);
  printf("\"p50_micros\":%.1f,\"p90_micros\":%.1f,\"p99_micros\":%.1f,\"max_micros\":%.1f",
         percentile_micros(&latency, 0.5), percentile_micros(&latency, 0.9),
         percentile_micros(&latency, 0.99), (double)latency.max / 1000.0);
  if (mode == STREAMS) {
    printf(",\"streams\":%ld,\"chunks\":%ld,\"chunks_per_second\":%.1f,\"chunk_age_p50_micros\":%.1f,"
           "\"chunk_age_p99_micros\":%.1f",
           connection_count, chunks, (double)chunks / seconds, percentile_micros(&age, 0.5),
           percentile_micros(&age, 0.99));
  }
  printf(",\"open_loop\":%s,\"first_error\":\"%s\"}\n", is_open ? "true" : "false", first_error);
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  if (strcmp(name, "closed") && strcmp(name, "open") && strcmp(name, "streams")) {
    fail("say closed, open or streams; load.c tells the options");
  }
  mode = name[0] == 'c' ? CLOSED : name[0] == 'o' ? OPEN : STREAMS;
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1UL);
  port = (int)number(argc, argv, "--port", 0);
  connection_count = number(argc, argv, "--connections", 1);
  watched = number(argc, argv, "--watch", 0);
  requests_max = number(argc, argv, "--requests", 0);
  snprintf(right_status, sizeof right_status, "%ld", number(argc, argv, "--status", 200));
  int64_t seconds = number(argc, argv, "--seconds", 1) * NANOS_PER_SECOND;
  int64_t warm = number(argc, argv, "--warm", 0) * NANOS_PER_SECOND;
  make_request(option(argc, argv, "--token", "none"), option(argc, argv, "--model", "bench/bench-model"),
               number(argc, argv, "--max-tokens", 512),
               number(argc, argv, "--chunks", 200), number(argc, argv, "--pace", 20));
  connections = calloc((size_t)connection_count, sizeof *connections);
  resting = calloc((size_t)connection_count, sizeof *resting);
  loop_fd = epoll_create1(0);
  open_connections(number(argc, argv, "--ramp", 0) * NANOS_PER_MILLI);

  int64_t start = now_nanos();
  if (mode == OPEN) {
    run_open((double)number(argc, argv, "--rate", 1000), start, start + warm, start + warm);
  } else {
    run_until(start + warm);
  }
  int64_t processor = processor_nanos();
  counting = true;
  start = now_nanos();
  if (mode == OPEN) {
    run_open((double)number(argc, argv, "--rate", 1000), start, start + seconds, start);
  } else {
    run_until(least(start + seconds, INT64_MAX));
  }
  double took = (double)(now_nanos() - start) / (double)NANOS_PER_SECOND;
  print_figures(took, processor_nanos() - processor, mode == OPEN);
  return 0;
}
