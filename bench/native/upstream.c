// A provider that costs next to nothing: it answers every POST with the same chat completion, or
// with a paced stream of chunks. One thread, epoll, loopback only.
//
//   upstream [--port N]      prints `ready PORT`; ends with its standard input or at SIGTERM
//
// A request whose body has "stream":true gets a stream. Its body's "user" field, which gateways pass
// on, may say how long: "user":"200,20" is 200 chunks, one each 20 ms. Each chunk tells when it was
// written (t=nanoseconds of CLOCK_MONOTONIC), so that a client on the same machine can tell its age.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

#define REQUEST_BYTES_MAX 65536
#define SLOTS 65536  // of one millisecond each: the wheel's span bounds the pace
#define EVENTS 512

struct connection {
  int fd;
  char *in;
  int in_length;
  char *out;  // what the socket did not take; NULL when nothing waits
  int out_length, out_sent;
  bool streaming, waits;
  long chunks, sent;
  int64_t pace_nanos, due_nanos;
  struct connection *next, *previous;  // in its slot of the wheel
  int slot;
};

static int loop_fd;
static struct connection *wheel[SLOTS];
static int64_t wheel_millis;
static long streams_open;

static const char *WHOLE_BODY =
    "{\"id\":\"chatcmpl-bench00000000000000000000\",\"object\":\"chat.completion\",\"created\":"
    "1760000000,\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
    "\"assistant\",\"content\":\"A fare gate is a barrier that lets a person pass when the fare has "
    "been paid. It holds the ticket, checks what is left on it, and opens once; a ledger behind it "
    "remembers each passage, so that nobody pays twice and nobody rides for free.\",\"refusal\":"
    "null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":42,"
    "\"completion_tokens\":57,\"total_tokens\":99},\"system_fingerprint\":\"fp_bench\"}";
static char whole[2048];
static int whole_length;

static const char STREAM_HEAD[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
    "Transfer-Encoding: chunked\r\nx-request-id: req-bench\r\n\r\n";

// --- the wheel: streams by the millisecond of their next chunk ------------------------------------

static void into_wheel(struct connection *c) {
  int64_t millis = c->due_nanos / NANOS_PER_MILLI + 1;
  if (millis <= wheel_millis) millis = wheel_millis + 1;
  c->slot = (int)(millis % SLOTS);
  c->previous = NULL;
  c->next = wheel[c->slot];
  if (c->next) c->next->previous = c;
  wheel[c->slot] = c;
}

static void out_of_wheel(struct connection *c) {
  if (c->slot < 0) return;
  if (c->previous) {
    c->previous->next = c->next;
  } else {
    wheel[c->slot] = c->next;
  }
  if (c->next) c->next->previous = c->previous;
  c->next = c->previous = NULL;
  c->slot = -1;
}

// --- connections ----------------------------------------------------------------------------------

static void hang_up(struct connection *c) {
  out_of_wheel(c);
  if (c->streaming) streams_open--;
  close(c->fd);
  free(c->in);
  free(c->out);
  free(c);
}

static void watch(struct connection *c, bool writable) {
  struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(loop_fd, EPOLL_CTL_MOD, c->fd, &e);
}

// Writes, and keeps what the socket does not take. False when the connection is lost.
static bool put(struct connection *c, const char *bytes, int length) {
  ssize_t taken = send(c->fd, bytes, (size_t)length, MSG_NOSIGNAL);
  if (taken == length) return true;
  if (taken < 0 && errno != EAGAIN) return false;
  if (taken < 0) taken = 0;
  c->out_length = length - (int)taken;
  c->out_sent = 0;
  c->out = malloc((size_t)c->out_length);
  memcpy(c->out, bytes + taken, (size_t)c->out_length);
  watch(c, true);
  return true;
}

// One event as one HTTP chunk, appended at `at`.
static char *frame(char *at, const char *event, int length) {
  at += sprintf(at, "%x\r\n", length);
  memcpy(at, event, (size_t)length);
  at += length;
  memcpy(at, "\r\n", 2);
  return at + 2;
}

static bool put_chunk(struct connection *c) {
  char event[512], bytes[1024];
  int length = sprintf(
      event,
      "data: {\"id\":\"chatcmpl-bench00000000000000000000\",\"object\":\"chat.completion.chunk\","
      "\"created\":1760000000,\"model\":\"bench-model\",\"system_fingerprint\":\"fp_bench\","
      "\"choices\":[{\"index\":0,\"delta\":{%s\"content\":\" t=%lld\"},\"logprobs\":null,"
      "\"finish_reason\":null}]}\n\n",
      c->sent == 0 ? "\"role\":\"assistant\"," : "", (long long)now_nanos());
  c->sent++;
  return put(c, bytes, (int)(frame(bytes, event, length) - bytes));
}

static bool put_end(struct connection *c) {
  char event[512], bytes[2048];
  char *at = bytes;
  const char *head = "data: {\"id\":\"chatcmpl-bench00000000000000000000\",\"object\":"
                     "\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"bench-model\",";
  int length = sprintf(event,
                       "%s\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,"
                       "\"finish_reason\":\"stop\"}]}\n\n",
                       head);
  at = frame(at, event, length);
  length = sprintf(event,
                   "%s\"choices\":[],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":%ld,"
                   "\"total_tokens\":%ld}}\n\n",
                   head, c->sent, c->sent + 42);
  at = frame(at, event, length);
  at = frame(at, "data: [DONE]\n\n", 14);
  memcpy(at, "0\r\n\r\n", 5);
  c->streaming = false;
  streams_open--;
  return put(c, bytes, (int)(at + 5 - bytes));
}

static void next_chunk(struct connection *c) {
  if (c->out) {  // the reader is behind: this chunk comes when it has caught up
    c->waits = true;
    return;
  }
  bool last = c->sent == c->chunks;
  if (!(last ? put_end(c) : put_chunk(c))) {
    hang_up(c);
  } else if (!last) {
    c->due_nanos += c->pace_nanos;
    into_wheel(c);
  }
}

static void turn_wheel(int64_t now) {
  int64_t millis = now / NANOS_PER_MILLI;
  while (wheel_millis < millis) {
    wheel_millis++;
    struct connection *due = wheel[wheel_millis % SLOTS];
    wheel[wheel_millis % SLOTS] = NULL;
    while (due) {
      struct connection *c = due;
      due = c->next;
      if (due) due->previous = NULL;
      c->next = c->previous = NULL;
      c->slot = -1;
      next_chunk(c);
    }
  }
}

static bool begin_stream(struct connection *c, const char *body) {
  const char *user = strstr(body, "\"user\":\"");
  long pace_millis = 20;
  c->chunks = 200;
  if (user) sscanf(user + 8, "%ld,%ld", &c->chunks, &pace_millis);
  if (pace_millis < 1 || pace_millis > SLOTS / 2) pace_millis = SLOTS / 2;
  c->pace_nanos = pace_millis * NANOS_PER_MILLI;
  c->due_nanos = now_nanos();
  c->sent = 0;
  c->streaming = true;
  streams_open++;
  if (!put(c, STREAM_HEAD, sizeof STREAM_HEAD - 1)) return false;
  into_wheel(c);
  return true;
}

// Answers each whole request in the buffer. False when the connection is lost.
static bool answer(struct connection *c) {
  while (true) {
    c->in[c->in_length] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return c->in_length < REQUEST_BYTES_MAX;
    long body_length = 0;
    const char *announced = strcasestr(c->in, "\r\ncontent-length:");
    if (announced && announced < end) body_length = atol(announced + 17);
    char *body = end + 4;
    long whole_request = body - c->in + body_length;
    if (body_length < 0 || whole_request > REQUEST_BYTES_MAX) return false;
    if (c->in_length < whole_request) return true;
    char kept = body[body_length];
    body[body_length] = 0;
    bool stream = strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true");
    bool fine = stream ? begin_stream(c, body) : put(c, whole, whole_length);
    body[body_length] = kept;
    c->in_length -= (int)whole_request;
    memmove(c->in, c->in + whole_request, (size_t)c->in_length);
    if (!fine) return false;
  }
}

static bool flush_out(struct connection *c) {
  ssize_t taken = send(c->fd, c->out + c->out_sent, (size_t)(c->out_length - c->out_sent), MSG_NOSIGNAL);
  if (taken < 0) return errno == EAGAIN;
  c->out_sent += (int)taken;
  if (c->out_sent == c->out_length) {
    free(c->out);
    c->out = NULL;
    watch(c, false);
    if (c->waits) {
      c->waits = false;
      c->due_nanos = now_nanos();
      into_wheel(c);
    }
  }
  return true;
}

static void handle(struct connection *c, uint32_t events) {
  bool fine = !(events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP));
  if (fine && (events & EPOLLOUT) && c->out) fine = flush_out(c);
  if (fine && (events & EPOLLIN)) {
    ssize_t got = recv(c->fd, c->in + c->in_length, (size_t)(REQUEST_BYTES_MAX - c->in_length), 0);
    fine = got > 0 || (got < 0 && errno == EAGAIN);
    if (got > 0) {
      c->in_length += (int)got;
      fine = answer(c);
    }
  }
  if (!fine) hang_up(c);
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *c = calloc(1, sizeof *c);
    c->fd = fd;
    c->slot = -1;
    c->in = malloc(REQUEST_BYTES_MAX + 1);
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
    epoll_ctl(loop_fd, EPOLL_CTL_ADD, fd, &e);
  }
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 8192)) fail("cannot listen");
  socklen_t length = sizeof at;
  getsockname(fd, (struct sockaddr *)&at, &length);
  printf("ready %d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  whole_length = sprintf(whole,
                         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req-bench\r\n"
                         "Content-Length: %zu\r\n\r\n%s",
                         strlen(WHOLE_BODY), WHOLE_BODY);
  loop_fd = epoll_create1(0);
  int listener = listen_on((int)number(argc, argv, "--port", 0));
  struct epoll_event on_listener = {.events = EPOLLIN, .data.ptr = &listener};
  struct epoll_event on_stdin = {.events = EPOLLIN | EPOLLHUP, .data.ptr = NULL};
  epoll_ctl(loop_fd, EPOLL_CTL_ADD, listener, &on_listener);
  epoll_ctl(loop_fd, EPOLL_CTL_ADD, 0, &on_stdin);  // fails for a file, which is as well
  wheel_millis = now_nanos() / NANOS_PER_MILLI;
  struct epoll_event events[EVENTS];
  while (true) {
    int count = epoll_wait(loop_fd, events, EVENTS, streams_open ? 1 : -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) return 0;
      if (events[i].data.ptr == &listener) {
        accept_all(listener);
      } else {
        handle(events[i].data.ptr, events[i].events);
      }
    }
    turn_wheel(now_nanos());
  }
}
