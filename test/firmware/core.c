/*
 * The firmware's core behind a line of text each: reads "KIND numbers ..." and answers with one line. Wire bytes, texts
 * and chunks are hexadecimal, everything else is decimal. test/support/firmware.ts writes these lines.
 */
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "send_on_delta.h"
#include "tef.h"
#include "words.h"

#define MOST 4096u

static uint16_t seq;

static void print_frame(tef_frame *frame) {
  uint8_t wire[TEF_MAX_WIRE];
  print_hex(wire, tef_seal(frame, &seq, wire));
}

/* events FRAME_BYTES DROPPED BASE COUNT, then a tick and an address each */
static void events(tef_frame *frame) {
  const uint8_t dropped = u8();
  tef_begin_events(frame, u32(), dropped);
  for (uint32_t left = u32(); left > 0; left--) {
    const uint32_t tick = u32();
    const uint32_t address = u32();
    if (tef_add_event(frame, tick, address)) continue;
    print_frame(frame);
    tef_begin_events(frame, tick, 0);
    tef_add_event(frame, tick, address);
  }
  print_frame(frame);
}

/* scan FRAME_BYTES DROPPED BASE GROUPS, then for each a tick, a count, and addresses */
static void scan(tef_frame *frame) {
  static uint32_t addresses[MOST];
  const uint8_t dropped = u8();
  tef_begin_scan(frame, u32(), dropped);
  for (uint32_t groups = u32(); groups > 0; groups--) {
    const uint32_t tick = u32();
    const size_t count = u32();
    for (size_t i = 0; i < count; i++) addresses[i] = u32();
    for (size_t done = 0; done < count;) {
      const size_t taken = tef_add_scan(frame, tick, addresses + done, count - done);
      done += taken;
      if (taken > 0) continue;
      print_frame(frame);
      tef_begin_scan(frame, tick, 0);
    }
  }
  print_frame(frame);
}

/* levels FRAME_BYTES BASE START COUNT, then levels */
static void levels(tef_frame *frame) {
  const uint32_t base = u32();
  uint16_t taxel = u16();
  tef_begin_levels(frame, base, taxel);
  for (uint32_t left = u32(); left > 0; left--, taxel++) {
    const int32_t level = i32();
    if (tef_add_level(frame, level)) continue;
    print_frame(frame);
    tef_begin_levels(frame, base, taxel);
    tef_add_level(frame, level);
  }
  print_frame(frame);
}

static void hello(tef_frame *frame) {
  static uint8_t name[MOST];
  tef_hello info;
  info.tick_ns = u32();
  info.taxels = u16();
  info.caps = u16();
  info.geometry_id = u32();
  hex_bytes(info.uid);
  for (int i = 0; i < 3; i++) info.firmware[i] = u8();
  info.boot_id = u32();
  name[hex_bytes(name)] = 0;
  info.name = (const char *)name;
  tef_write_hello(frame, &info);
  print_frame(frame);
}

static void status(tef_frame *frame) {
  tef_status info;
  info.uptime = u64();
  info.events = u32();
  info.dropped = u32();
  info.overruns = u32();
  tef_write_status(frame, &info);
  print_frame(frame);
}

static void pong(tef_frame *frame) {
  const uint32_t nonce = u32();
  const uint64_t received = u64();
  tef_write_pong(frame, nonce, received, u64());
  print_frame(frame);
}

static void ack(tef_frame *frame) {
  const uint16_t command_seq = u16();
  tef_write_ack(frame, command_seq, u8());
  print_frame(frame);
}

static void log_line(tef_frame *frame) {
  static uint8_t text[MOST];
  text[hex_bytes(text)] = 0;
  tef_write_log(frame, (const char *)text);
  print_frame(frame);
}

static void print_command(void *context, const tef_command *command) {
  (void)context;
  printf("%u %u %u %u %lu %u ", command->type, command->seq, command->stream, command->flush_us,
         (unsigned long)command->nonce, command->key);
  print_hex(command->value, command->value_length);
  putchar(';');
}

/* receive CHUNK ...: the commands, then the number of damaged blocks */
static void receive(void) {
  static uint8_t chunk[MOST_BYTES];
  tef_receiver receiver;
  tef_receiver_init(&receiver);
  while (words_left()) {
    const size_t length = hex_bytes(chunk);
    tef_receive(&receiver, chunk, length, print_command, NULL);
  }
  printf("%lu", (unsigned long)receiver.damaged);
}

/* delta TAXELS RISE FALL HYSTERESIS MAX CAPACITY SCANS, then readings: the addresses of each scan, then the levels */
static void delta(void) {
  static int32_t level[MOST], readings[MOST];
  static int8_t direction[MOST];
  static uint32_t addresses[MOST];
  send_on_delta encoder = {u16(), 0, 0, 0, 0, level, direction};
  encoder.rise = i32();
  encoder.fall = i32();
  encoder.hysteresis = i32();
  encoder.max_per_scan = u8();
  const size_t capacity = u32();
  send_on_delta_reset(&encoder, NULL);
  for (uint32_t scans = u32(); scans > 0; scans--) {
    for (uint16_t i = 0; i < encoder.taxels; i++) readings[i] = i32();
    const size_t count = send_on_delta_encode(&encoder, readings, addresses, capacity);
    for (size_t i = 0; i < count; i++) printf("%lu ", (unsigned long)addresses[i]);
    putchar(';');
  }
  for (uint16_t i = 0; i < encoder.taxels; i++) printf("%ld ", (long)level[i]);
}

static void answer(const char *kind) {
  static const struct {
    const char *kind;
    void (*write)(tef_frame *frame);
  } writers[] = {{"events", events}, {"scan", scan}, {"levels", levels}, {"hello", hello},
                 {"status", status}, {"pong", pong}, {"ack", ack},       {"log", log_line}};
  if (strcmp(kind, "receive") == 0) {
    receive();
  } else if (strcmp(kind, "delta") == 0) {
    delta();
  } else if (strcmp(kind, "device") == 0) {
    device();
  } else {
    tef_frame frame;
    seq = u16();
    tef_frame_init(&frame, u16());
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
      if (strcmp(kind, writers[i].kind) == 0) writers[i].write(&frame);
  }
}

int main(void) {
  while (next_line()) {
    answer(next_word());
    putchar('\n');
    fflush(stdout);
  }
  return 0;
}
