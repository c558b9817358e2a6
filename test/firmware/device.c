#include "device.h"

#include <stdio.h>
#include <string.h>

#include "tef_device.h"
#include "words.h"

#define MOST 4096u

typedef struct {
  uint32_t now;
  size_t room;
} board;

static uint32_t board_now(void *context) { return ((board *)context)->now; }

static size_t board_write(void *context, const uint8_t *bytes, size_t length) {
  board *from = (board *)context;
  const size_t taken = length < from->room ? length : from->room;
  print_hex(bytes, taken);
  from->room -= taken;
  return taken;
}

static int32_t board_level(void *context, uint16_t taxel) {
  (void)context;
  return (int32_t)taxel - 20;
}

static void step(tef_device *sensor, board *on) {
  static uint8_t chunk[MOST_BYTES];
  static uint32_t addresses[MOST];
  const char kind = *next_word();
  if (kind == 'a') {
    on->now += u32();
  } else if (kind == 'l') {
    on->room = u32();
  } else if (kind == 'r') {
    const size_t length = hex_bytes(chunk);
    tef_device_receive(sensor, chunk, length);
  } else if (kind == 'e') {
    const uint16_t taxel = u16();
    tef_device_event(sensor, on->now, taxel, u8() != 0);
  } else if (kind == 's') {
    const size_t count = u32();
    for (size_t i = 0; i < count; i++) addresses[i] = u32();
    tef_device_scan(sensor, on->now, addresses, count);
  } else {
    tef_device_poll(sensor);
  }
}

void device(void) {
  static uint8_t ring[MOST_BYTES];
  tef_device_options options;
  memset(&options, 0, sizeof options);
  options.hello.tick_ns = u32();
  options.hello.taxels = u16();
  options.hello.boot_id = 7;
  options.hello.name = "scripted";
  options.frame_bytes = u16();
  options.flush_us = 2000;
  options.ring = ring;
  options.ring_size = u32();
  board on = {u32(), 0};
  const tef_port port = {&on, board_now, board_write, board_level, NULL};
  tef_device sensor;
  tef_device_init(&sensor, &options, &port);
  while (words_left()) step(&sensor, &on);
  printf(" %lu %lu %lu", (unsigned long)sensor.counters.events, (unsigned long)sensor.counters.dropped,
         (unsigned long)sensor.counters.overruns);
}
