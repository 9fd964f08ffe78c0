// What the bench's programs share: time, a histogram, options, and an end with a reason.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NANOS_PER_SECOND 1000000000LL
#define NANOS_PER_MILLI 1000000LL

static inline int64_t now_nanos(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * NANOS_PER_SECOND + t.tv_nsec;
}

__attribute__((noreturn)) static inline void fail(const char *what) {
  fprintf(stderr, "%s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(2);
}

// A histogram of nanoseconds in the manner of HDR: 128 steps to each power of two, so that a figure
// is right to 0.8 %, from nanoseconds to minutes, in a fixed piece of memory.
#define STEP_BITS 7
#define STEPS (1 << STEP_BITS)
#define POWERS 34

struct histogram {
  uint64_t counts[POWERS * STEPS];
  uint64_t total;
  int64_t max;
};

static inline void record(struct histogram *h, int64_t nanos) {
  uint64_t value = nanos < 0 ? 0 : (uint64_t)nanos;
  int power = value < STEPS ? 0 : 63 - __builtin_clzll(value) - STEP_BITS + 1;
  uint64_t step = power == 0 ? value : (value >> (power - 1)) - STEPS;
  uint64_t at = (uint64_t)power * STEPS + step;
  uint64_t last = POWERS * STEPS - 1;
  h->counts[at < last ? at : last]++;
  h->total++;
  if (nanos > h->max) h->max = nanos;
}

// The value below which `share` of what was recorded lies, in microseconds.
static inline double percentile_micros(const struct histogram *h, double share) {
  uint64_t wanted = (uint64_t)((double)h->total * share);
  uint64_t seen = 0;
  for (int at = 0; at < POWERS * STEPS; at++) {
    seen += h->counts[at];
    if (seen > wanted) {
      int power = at / STEPS;
      double step = at % STEPS + 0.5;
      double nanos = power == 0 ? step : (step + STEPS) * (double)(1LL << (power - 1));
      return nanos / 1000.0;
    }
  }
  return (double)h->max / 1000.0;
}

// The value of `--name`, or the fallback.
static inline const char *option(int argc, char **argv, const char *name, const char *fallback) {
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return fallback;
}

static inline long number(int argc, char **argv, const char *name, long fallback) {
  const char *text = option(argc, argv, name, NULL);
  return text ? atol(text) : fallback;
}
