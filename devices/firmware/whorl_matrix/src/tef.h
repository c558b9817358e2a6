/*
 * TEF v1 for devices: frames out, commands in. The layout is in devices/DESIGN.md.
 *
 * Portable C99: no allocation, no operating system, no floating point, nothing but the buffers of the caller. A frame
 * is built in a `tef_frame` and becomes wire bytes by `tef_seal`, which numbers it: COBS(payload, CRC-16) 00.
 */
#ifndef WHORL_TEF_H
#define WHORL_TEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEF_VERSION 1u
/* Payload plus CRC: one COBS run then suffices. */
#define TEF_MAX_CONTENT 253u
/* The same on the wire: code byte in front, delimiter behind. */
#define TEF_MAX_WIRE 255u
#define TEF_MIN_WIRE 32u

enum tef_type {
  TEF_HELLO = 0,
  TEF_EVENTS = 1,
  TEF_SCAN = 2,
  TEF_LEVELS = 3,
  TEF_STATUS = 4,
  TEF_PONG = 5,
  TEF_ACK = 6,
  TEF_LOG = 7,
  TEF_DESCRIBE = 8,
  TEF_START = 9,
  TEF_STOP = 10,
  TEF_CONFIG = 11,
  TEF_PING = 12,
  TEF_CLOCK_ZERO = 13,
  TEF_KEYFRAME = 14,
  TEF_REBOOT = 15
};

/* Bits of `tef_hello.caps`. */
enum tef_caps { TEF_CAP_POLARITY = 1, TEF_CAP_LEVELS = 2, TEF_CAP_KEYFRAMES = 4, TEF_CAP_CLOCK_OUT = 8 };

/* Bits of `tef_command.stream`. */
enum tef_stream { TEF_STREAM_EVENTS = 1, TEF_STREAM_LEVELS = 2 };

/* Building blocks. */

/* CRC-16/CCITT-FALSE; of "123456789" it is 0x29b1. */
uint16_t tef_crc16(const uint8_t *bytes, size_t length);

/* Encodes at most 253 bytes; `out` has room for length + 1. Returns the length of the code, without a delimiter. */
size_t tef_cobs_encode(const uint8_t *bytes, size_t length, uint8_t *out);

/* Decodes a block without zero bytes in place. Returns the length, or -1 when the block is damaged. */
int tef_cobs_decode(uint8_t *block, size_t length);

/* Frames out. */

/* A frame that is being built. Whatever does not fit into it makes `tef_seal` return 0. */
typedef struct {
  uint8_t content[TEF_MAX_CONTENT];
  uint16_t length;
  /* Longest wire form of EVENTS, SCAN, LEVELS and LOG frames: TEF_MIN_WIRE .. TEF_MAX_WIRE. */
  uint16_t wire_limit;
  /* Tick of the last event. */
  uint32_t last;
  /* Events in the frame. */
  uint16_t events;
  bool overflow;
} tef_frame;

/* Who the device is. */
typedef struct {
  /* Length of a tick in nanoseconds, 1 or more. */
  uint32_t tick_ns;
  /* 1 or more. */
  uint16_t taxels;
  uint16_t caps;
  /* CRC-32 of the canonical geometry JSON; 0 = none. */
  uint32_t geometry_id;
  uint8_t uid[8];
  uint8_t firmware[3];
  /* Differs after every start of the device. */
  uint32_t boot_id;
  /* UTF-8, at most 216 bytes. */
  const char *name;
} tef_hello;

/* What the device has counted since its start. */
typedef struct {
  uint64_t uptime;
  uint32_t events;
  uint32_t dropped;
  uint32_t overruns;
} tef_status;

/* An event's address on the wire. */
static inline uint32_t tef_address(uint16_t taxel, bool on) { return ((uint32_t)taxel << 1) | (on ? 1u : 0u); }

/* Sets the frame up; a wire limit out of its range is moved into it. */
void tef_frame_init(tef_frame *frame, uint16_t wire_limit);

void tef_write_hello(tef_frame *frame, const tef_hello *hello);
void tef_write_status(tef_frame *frame, const tef_status *status);
void tef_write_pong(tef_frame *frame, uint32_t nonce, uint64_t received, uint64_t sent);
/* `status` 0 = done. */
void tef_write_ack(tef_frame *frame, uint16_t command_seq, uint8_t status);
/* Cut, at the beginning of a character, to what fits. */
void tef_write_log(tef_frame *frame, const char *text);

/* Opens an EVENTS frame; `dropped` events were lost since the last one. */
void tef_begin_events(tef_frame *frame, uint32_t base, uint8_t dropped);
/* Adds an event, not earlier than the last. False: no room, or 2^31 ticks or more apart; seal it and begin another. */
bool tef_add_event(tef_frame *frame, uint32_t tick, uint32_t address);

/* Opens a SCAN frame: groups of events that share one time. */
void tef_begin_scan(tef_frame *frame, uint32_t base, uint8_t dropped);
/* Adds events of one tick as one group and returns how many: fewer than `count` when the frame is full, perhaps 0. */
size_t tef_add_scan(tef_frame *frame, uint32_t tick, const uint32_t *addresses, size_t count);

/* Opens a LEVELS frame for taxels from `start` on. */
void tef_begin_levels(tef_frame *frame, uint32_t base, uint16_t start);
/* Adds the level of the next taxel. False: no room. */
bool tef_add_level(tef_frame *frame, int32_t level);

/*
 * Closes the frame: gives it the number `*seq`, which moves on, and writes its wire bytes to `wire` (TEF_MAX_WIRE
 * bytes). Returns their number; 0, with nothing numbered, when something had not fitted.
 */
size_t tef_seal(tef_frame *frame, uint16_t *seq, uint8_t *wire);

/* Commands in. */

typedef struct {
  /* TEF_DESCRIBE .. TEF_REBOOT. */
  uint8_t type;
  /* Number that an ACK names. */
  uint16_t seq;
  /* TEF_START: a sum of `tef_stream`, and the longest time that an event may wait. */
  uint8_t stream;
  uint16_t flush_us;
  /* TEF_PING */
  uint32_t nonce;
  /* TEF_CONFIG; the value is valid during the call. */
  uint8_t key;
  const uint8_t *value;
  size_t value_length;
} tef_command;

typedef void (*tef_command_handler)(void *context, const tef_command *command);

/* Reads the host's frames out of a stream of bytes. */
typedef struct {
  uint8_t block[TEF_MAX_WIRE];
  uint16_t length;
  /* More came without a delimiter than any frame has: skipping to the next one. */
  bool lost;
  /* Blocks that were no command: damaged, of another version, not from a host. */
  uint32_t damaged;
} tef_receiver;

void tef_receiver_init(tef_receiver *receiver);

/* Takes the next bytes and calls `handler` for each command in them. */
void tef_receive(tef_receiver *receiver, const uint8_t *bytes, size_t length, tef_command_handler handler,
                 void *context);

#ifdef __cplusplus
}
#endif

#endif
