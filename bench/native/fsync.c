// How long this machine takes to make a write durable, in the file system of a folder.
//
//   fsync DIR [COUNT]     appends 4 KiB and calls fsync, COUNT times; prints one line of JSON
#include <fcntl.h>
#include <unistd.h>

#include "measure.h"

static struct histogram latency;

int main(int argc, char **argv) {
  if (argc < 2) fail("say a folder");
  long count = argc > 2 ? atol(argv[2]) : 1000;
  char path[4096], block[4096];
  snprintf(path, sizeof path, "%s/fsync-probe", argv[1]);
  memset(block, 'f', sizeof block);
  int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (fd < 0) fail(path);
  for (long i = 0; i < count; i++) {
    int64_t start = now_nanos();
    if (write(fd, block, sizeof block) != sizeof block || fsync(fd)) fail(path);
    record(&latency, now_nanos() - start);
  }
  close(fd);
  unlink(path);
  printf("{\"count\":%ld,\"p50_micros\":%.1f,\"p99_micros\":%.1f,\"max_micros\":%.1f}\n", count,
         percentile_micros(&latency, 0.5), percentile_micros(&latency, 0.99), (double)latency.max / 1000.0);
  return 0;
}
