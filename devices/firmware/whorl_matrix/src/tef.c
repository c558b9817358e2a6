#include "tef.h"

#include <string.h>

#define HEADER 3u
#define CRC 2u
/* Distances of 2^31 ticks and more are damage to a decoder. */
#define MAX_DELTA 0x7fffffffu

/* CRC of the sixteen values of four bits. */
static const uint16_t crc_nibbles[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
                                         0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef};

uint16_t tef_crc16(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffu;
  for (size_t i = 0; i < length; i++) {
    crc = ((crc << 4) & 0xffffu) ^ crc_nibbles[(crc >> 12) ^ (bytes[i] >> 4)];
    crc = ((crc << 4) & 0xffffu) ^ crc_nibbles[(crc >> 12) ^ (bytes[i] & 0x0fu)];
  }
  return (uint16_t)crc;
}

size_t tef_cobs_encode(const uint8_t *bytes, size_t length, uint8_t *out) {
  size_t code = 0;
  size_t at = 1;
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] != 0) {
      out[at++] = bytes[i];
    } else {
      out[code] = (uint8_t)(at - code);
      code = at++;
    }
  }
  out[code] = (uint8_t)(at - code);
  return at;
}

int tef_cobs_decode(uint8_t *block, size_t length) {
  size_t out = 0;
  size_t at = 0;
  if (length == 0) return -1;
  while (at < length) {
    const uint8_t code = block[at++];
    if (code == 0 || at + code - 1u > length) return -1;
    for (uint8_t i = 1; i < code; i++) block[out++] = block[at++];
    if (code < 0xff && at < length) block[out++] = 0;
  }
  return (int)out;
}

/* Frames out. */

void tef_frame_init(tef_frame *frame, uint16_t wire_limit) {
  memset(frame, 0, sizeof *frame);
  frame->wire_limit = wire_limit;
  if (wire_limit < TEF_MIN_WIRE) frame->wire_limit = TEF_MIN_WIRE;
  if (wire_limit > TEF_MAX_WIRE) frame->wire_limit = TEF_MAX_WIRE;
}

/* Payload bytes that are free while the wire form keeps to its limit. */
static size_t room(const tef_frame *frame) {
  const size_t used = frame->length + 2u + CRC;
  return used < frame->wire_limit ? frame->wire_limit - used : 0;
}

static void begin(tef_frame *frame, enum tef_type type) {
  frame->content[0] = (uint8_t)((TEF_VERSION << 4) | (unsigned)type);
  frame->length = HEADER;
  frame->events = 0;
  frame->overflow = false;
}

static void put_u8(tef_frame *frame, uint8_t value) {
  if (frame->length < TEF_MAX_CONTENT - CRC)
    frame->content[frame->length++] = value;
  else
    frame->overflow = true;
}

static void put_u16(tef_frame *frame, uint16_t value) {
  put_u8(frame, (uint8_t)(value & 0xffu));
  put_u8(frame, (uint8_t)(value >> 8));
}

static void put_u32(tef_frame *frame, uint32_t value) {
  put_u16(frame, (uint16_t)(value & 0xffffu));
  put_u16(frame, (uint16_t)(value >> 16));
}

static void put_u64(tef_frame *frame, uint64_t value) {
  put_u32(frame, (uint32_t)(value & 0xffffffffu));
  put_u32(frame, (uint32_t)(value >> 32));
}

static void put_bytes(tef_frame *frame, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) put_u8(frame, bytes[i]);
}

/* LEB128: seven bits a byte, least significant first. */
static void put_varint(tef_frame *frame, uint32_t value) {
  for (; value > 0x7fu; value >>= 7) put_u8(frame, (uint8_t)((value & 0x7fu) | 0x80u));
  put_u8(frame, (uint8_t)value);
}

static size_t varint_length(uint32_t value) {
  size_t length = 1;
  for (; value > 0x7fu; value >>= 7) length++;
  return length;
}

void tef_write_hello(tef_frame *frame, const tef_hello *hello) {
  static const uint8_t magic[4] = {'T', 'E', 'F', '1'};
  const size_t name_length = strlen(hello->name);
  begin(frame, TEF_HELLO);
  put_bytes(frame, magic, sizeof magic);
  put_u32(frame, hello->tick_ns);
  put_u16(frame, hello->taxels);
  put_u16(frame, hello->caps);
  put_u32(frame, hello->geometry_id);
  put_bytes(frame, hello->uid, sizeof hello->uid);
  put_bytes(frame, hello->firmware, sizeof hello->firmware);
  put_u32(frame, hello->boot_id);
  put_u8(frame, (uint8_t)(name_length & 0xffu));
  put_bytes(frame, (const uint8_t *)hello->name, name_length);
}

void tef_write_status(tef_frame *frame, const tef_status *status) {
  begin(frame, TEF_STATUS);
  put_u64(frame, status->uptime);
  put_u32(frame, status->events);
  put_u32(frame, status->dropped);
  put_u32(frame, status->overruns);
}

void tef_write_pong(tef_frame *frame, uint32_t nonce, uint64_t received, uint64_t sent) {
  begin(frame, TEF_PONG);
  put_u32(frame, nonce);
  put_u64(frame, received);
  put_u64(frame, sent);
}

void tef_write_ack(tef_frame *frame, uint16_t command_seq, uint8_t status) {
  begin(frame, TEF_ACK);
  put_u16(frame, command_seq);
  put_u8(frame, status);
}

void tef_write_log(tef_frame *frame, const char *text) {
  begin(frame, TEF_LOG);
  size_t length = strlen(text);
  const size_t most = room(frame);
  if (length > most) {
    /* A byte 10xxxxxx goes on with a character of UTF-8. */
    for (length = most; length > 0 && ((uint8_t)text[length] & 0xc0u) == 0x80u;) length--;
  }
  put_bytes(frame, (const uint8_t *)text, length);
}

static void begin_timed(tef_frame *frame, enum tef_type type, uint32_t base, uint8_t dropped) {
  begin(frame, type);
  put_u8(frame, dropped);
  put_u32(frame, base);
  frame->last = base;
}

void tef_begin_events(tef_frame *frame, uint32_t base, uint8_t dropped) {
  begin_timed(frame, TEF_EVENTS, base, dropped);
}

bool tef_add_event(tef_frame *frame, uint32_t tick, uint32_t address) {
  const uint32_t delta = tick - frame->last;
  if (delta > MAX_DELTA || room(frame) < varint_length(address) + varint_length(delta)) return false;
  put_varint(frame, address);
  put_varint(frame, delta);
  frame->last = tick;
  frame->events++;
  return true;
}

void tef_begin_scan(tef_frame *frame, uint32_t base, uint8_t dropped) {
  begin_timed(frame, TEF_SCAN, base, dropped);
}

size_t tef_add_scan(tef_frame *frame, uint32_t tick, const uint32_t *addresses, size_t count) {
  const uint32_t delta = tick - frame->last;
  /* The number of events comes before them and takes at most two bytes. */
  const size_t head = varint_length(delta) + 2u;
  const size_t free = room(frame);
  if (delta > MAX_DELTA || free < head) return 0;
  size_t left = free - head;
  size_t taken = 0;
  while (taken < count && varint_length(addresses[taken]) <= left) left -= varint_length(addresses[taken++]);
  if (taken == 0) return 0;
  put_varint(frame, delta);
  put_varint(frame, (uint32_t)taken);
  for (size_t i = 0; i < taken; i++) put_varint(frame, addresses[i]);
  frame->last = tick;
  frame->events = (uint16_t)(frame->events + taken);
  return taken;
}

void tef_begin_levels(tef_frame *frame, uint32_t base, uint16_t start) {
  begin(frame, TEF_LEVELS);
  put_u32(frame, base);
  put_varint(frame, start);
}

bool tef_add_level(tef_frame *frame, int32_t level) {
  /* Zig-zag: 0, -1, 1, -2 become 0, 1, 2, 3. */
  const uint32_t twice = (uint32_t)level << 1;
  const uint32_t code = level < 0 ? ~twice : twice;
  if (room(frame) < varint_length(code)) return false;
  put_varint(frame, code);
  return true;
}

size_t tef_seal(tef_frame *frame, uint16_t *seq, uint8_t *wire) {
  if (frame->overflow || frame->length < HEADER) return 0;
  frame->content[1] = (uint8_t)(*seq & 0xffu);
  frame->content[2] = (uint8_t)(*seq >> 8);
  *seq = (uint16_t)(*seq + 1u);
  const uint16_t crc = tef_crc16(frame->content, frame->length);
  frame->content[frame->length] = (uint8_t)(crc & 0xffu);
  frame->content[frame->length + 1u] = (uint8_t)(crc >> 8);
  const size_t end = tef_cobs_encode(frame->content, frame->length + CRC, wire);
  wire[end] = 0;
  return end + 1u;
}

/* Commands in. */

static uint16_t read_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] | (bytes[1] << 8)); }

static uint32_t read_u32(const uint8_t *bytes) {
  return read_u16(bytes) | ((uint32_t)read_u16(bytes + 2) << 16);
}

/* Fills in what the body says; false when it is cut short. Bytes after what is known are left for later versions. */
static bool read_body(tef_command *command, const uint8_t *body, size_t length) {
  switch (command->type) {
    case TEF_START:
      if (length < 3) return false;
      command->stream = body[0];
      command->flush_us = read_u16(body + 1);
      return true;
    case TEF_CONFIG:
      if (length < 1) return false;
      command->key = body[0];
      command->value = body + 1;
      command->value_length = length - 1;
      return true;
    case TEF_PING:
      if (length < 4) return false;
      command->nonce = read_u32(body);
      return true;
    default:
      return command->type >= TEF_DESCRIBE;
  }
}

static bool read_command(tef_command *command, uint8_t *block, size_t block_length) {
  const int length = tef_cobs_decode(block, block_length);
  if (length < (int)(HEADER + CRC)) return false;
  const size_t end = (size_t)length - CRC;
  if (tef_crc16(block, end) != read_u16(block + end) || block[0] >> 4 != TEF_VERSION) return false;
  memset(command, 0, sizeof *command);
  command->type = block[0] & 0x0fu;
  command->seq = read_u16(block + 1);
  return read_body(command, block + HEADER, end - HEADER);
}

void tef_receiver_init(tef_receiver *receiver) { memset(receiver, 0, sizeof *receiver); }

static void end_of_block(tef_receiver *receiver, tef_command_handler handler, void *context) {
  const size_t length = receiver->length;
  const bool lost = receiver->lost;
  receiver->length = 0;
  receiver->lost = false;
  if (length == 0 && !lost) return; /* a lone delimiter is legal fill */
  tef_command command;
  if (!lost && read_command(&command, receiver->block, length))
    handler(context, &command);
  else
    receiver->damaged++;
}

void tef_receive(tef_receiver *receiver, const uint8_t *bytes, size_t length, tef_command_handler handler,
                 void *context) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] == 0)
      end_of_block(receiver, handler, context);
    else if (receiver->length < sizeof receiver->block)
      receiver->block[receiver->length++] = bytes[i];
    else
      receiver->lost = true;
  }
}
