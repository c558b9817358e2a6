/*
 * tef-sim: the firmware's core on a computer, with made-up events instead of a matrix. Speaks TEF on standard input and
 * output, or on a serial port or pseudo-terminal (--port). README.md tells how to build and use it.
 *
 * From START on it makes `--count` events, evenly spaced: event i of taxel and polarity by `next_address`, at
 * i / rate seconds. Then it goes on with heartbeats. When everything has left, a line of JSON on standard error says what
 * became of the events. It ends when its input does.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../whorl_matrix/src/tef_device.h"

#define RING 65536u
#define MAX_TAXELS 65535u

typedef struct {
  const char *port;
  uint32_t taxels;
  uint32_t rate;
  uint64_t count;
  uint32_t seed;
  uint32_t frame_bytes;
  /* Memory for what waits for the link, in bytes. */
  uint32_t ring;
  /* Time between two looks at the clock while events are made. */
  uint32_t wake_ms;
  uint32_t boot_id;
  uint32_t uid;
} sim_options;

typedef struct {
  sim_options options;
  int in;
  int out;
  bool gone;
  /* The clock stands still while one round of the loop works. */
  uint32_t now;
  uint32_t random;
  uint64_t made;
  /* Reading of the clock and number of events when the stream began, or went on after a STOP. */
  uint64_t origin_us;
  uint64_t origin_made;
  bool running;
  uint64_t bytes;
  uint64_t latest_us;
  bool reported;
  /* ON minus OFF events, by taxel. */
  int32_t levels[MAX_TAXELS];
} simulation;

static uint64_t clock_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

static uint32_t sim_now(void *context) { return ((simulation *)context)->now; }

static int32_t sim_level(void *context, uint16_t taxel) { return ((simulation *)context)->levels[taxel]; }

static size_t sim_write(void *context, const uint8_t *bytes, size_t length) {
  simulation *sim = (simulation *)context;
  const ssize_t taken = write(sim->out, bytes, length);
  if (taken < 0) {
    if (errno != EAGAIN && errno != EINTR) sim->gone = true;
    return 0;
  }
  sim->bytes += (uint64_t)taken;
  return (size_t)taken;
}

/* The next of a fixed pseudo-random sequence (a linear congruential generator). */
static uint32_t next_address(simulation *sim) {
  sim->random = sim->random * 1664525u + 1013904223u;
  const uint32_t taxel = (sim->random >> 8) % sim->options.taxels;
  return (taxel << 1) | ((sim->random >> 20) & 1u);
}

/* Makes the events that are due. */
static void make_events(simulation *sim, tef_device *device, uint64_t now_us) {
  const sim_options *options = &sim->options;
  if (!device->streaming) {
    sim->running = false;
    return;
  }
  if (!sim->running) {
    sim->running = true;
    sim->origin_us = now_us;
    sim->origin_made = sim->made;
  }
  while (sim->made < options->count) {
    const uint64_t due = sim->origin_us + (sim->made - sim->origin_made) * 1000000u / options->rate;
    if (due > now_us) return;
    if (now_us - due > sim->latest_us) sim->latest_us = now_us - due;
    const uint32_t address = next_address(sim);
    sim->levels[address >> 1] += (address & 1u) != 0 ? 1 : -1;
    tef_device_event(device, (uint32_t)due, (uint16_t)(address >> 1), (address & 1u) != 0);
    sim->made++;
  }
}

static void report_once(simulation *sim, const tef_device *device) {
  const bool done = sim->made == sim->options.count && device->streaming && !device->open && device->untold == 0 &&
                    device->ring_used == 0;
  if (sim->reported || !done) return;
  sim->reported = true;
  fprintf(stderr,
          "{\"made\":%llu,\"sent\":%lu,\"dropped\":%lu,\"overruns\":%lu,\"bytes\":%llu,\"latest_us\":%llu}\n",
          (unsigned long long)sim->made, (unsigned long)device->counters.events,
          (unsigned long)device->counters.dropped, (unsigned long)device->counters.overruns,
          (unsigned long long)sim->bytes, (unsigned long long)sim->latest_us);
}

static void receive(simulation *sim, tef_device *device) {
  uint8_t bytes[4096];
  const ssize_t length = read(sim->in, bytes, sizeof bytes);
  if (length > 0)
    tef_device_receive(device, bytes, (size_t)length);
  else if (length == 0 || (errno != EAGAIN && errno != EINTR))
    sim->gone = true;
}

static void wait_for_work(const simulation *sim, const tef_device *device) {
  const bool making = sim->running && sim->made < sim->options.count;
  const bool soon = making || device->open || device->untold > 0;
  struct pollfd ends[2] = {{sim->in, POLLIN, 0}, {sim->out, POLLOUT, 0}};
  poll(ends, device->ring_used > 0 ? 2 : 1, soon ? (int)sim->options.wake_ms : 20);
}

static void run(simulation *sim) {
  static uint8_t ring[RING];
  const sim_options *options = &sim->options;
  const uint32_t uid = options->uid;
  const tef_device_options device_options = {
      {1000,
       (uint16_t)options->taxels,
       TEF_CAP_POLARITY | TEF_CAP_LEVELS | TEF_CAP_KEYFRAMES,
       0,
       {'s', 'i', 'm', 0, (uint8_t)(uid >> 24), (uint8_t)(uid >> 16), (uint8_t)(uid >> 8), (uint8_t)uid},
       {1, 0, 0},
       options->boot_id,
       "tef-sim"},
      (uint16_t)options->frame_bytes,
      2000,
      ring,
      options->ring};
  const tef_port port = {sim, sim_now, sim_write, sim_level, NULL};
  tef_device device;
  sim->now = (uint32_t)clock_us();
  tef_device_init(&device, &device_options, &port);
  while (!sim->gone) {
    const uint64_t now_us = clock_us();
    sim->now = (uint32_t)now_us;
    receive(sim, &device);
    make_events(sim, &device, now_us);
    tef_device_poll(&device);
    report_once(sim, &device);
    wait_for_work(sim, &device);
  }
}

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "tef-sim: %s: %s\n", what, detail);
  exit(2);
}

static int open_port(const char *path) {
  const int port = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (port < 0) fail(path, strerror(errno));
  struct termios settings;
  if (tcgetattr(port, &settings) == 0) {
    cfmakeraw(&settings);
    tcsetattr(port, TCSANOW, &settings);
  }
  return port;
}

typedef struct {
  const char *name;
  unsigned long long min;
  unsigned long long max;
  unsigned long long value;
} option;

static void read_options(sim_options *options, int count, char **words) {
  option known[] = {{"--taxels", 1, MAX_TAXELS, 39},       {"--rate", 1, 10000000, 5000},
                    {"--count", 0, 1000000000000ull, 0},   {"--seed", 0, 0xffffffffu, 1},
                    {"--frame-bytes", TEF_MIN_WIRE, TEF_MAX_WIRE, TEF_MAX_WIRE},
                    {"--ring", 512, RING, 8192},           {"--wake-ms", 1, 100, 1},
                    {"--boot-id", 0, 0xffffffffu, 1},      {"--uid", 0, 0xffffffffu, 1}};
  const size_t kinds = sizeof known / sizeof *known;
  for (int i = 1; i < count; i += 2) {
    const char *word = words[i];
    if (i + 1 == count) fail(word, "needs a value");
    if (strcmp(word, "--port") == 0) {
      options->port = words[i + 1];
      continue;
    }
    size_t k = 0;
    while (k < kinds && strcmp(known[k].name, word) != 0) k++;
    if (k == kinds) fail(word, "is no option; there are --port, --taxels, --rate, --count, --seed, --frame-bytes, "
                               "--ring, --wake-ms, --boot-id, --uid");
    char *end;
    known[k].value = strtoull(words[i + 1], &end, 10);
    if (*end != '\0' || end == words[i + 1] || known[k].value < known[k].min || known[k].value > known[k].max) {
      char range[96];
      snprintf(range, sizeof range, "must be a whole number, %llu .. %llu", known[k].min, known[k].max);
      fail(word, range);
    }
  }
  options->taxels = (uint32_t)known[0].value;
  options->rate = (uint32_t)known[1].value;
  options->count = known[2].value;
  options->seed = (uint32_t)known[3].value;
  options->frame_bytes = (uint32_t)known[4].value;
  options->ring = (uint32_t)known[5].value;
  options->wake_ms = (uint32_t)known[6].value;
  options->boot_id = (uint32_t)known[7].value;
  options->uid = (uint32_t)known[8].value;
}

int main(int count, char **words) {
  static simulation sim;
  read_options(&sim.options, count, words);
  sim.random = sim.options.seed;
  sim.in = STDIN_FILENO;
  sim.out = STDOUT_FILENO;
  if (sim.options.port != NULL) sim.in = sim.out = open_port(sim.options.port);
  for (int i = 0; i < 2; i++) {
    const int end = i == 0 ? sim.in : sim.out;
    fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
  }
  run(&sim);
  return 0;
}
