#include "tef_device.h"

#include <string.h>

#define STATUS_US 500000u

static uint32_t ticks_of(const tef_device *device, uint32_t us) {
  return (uint32_t)((uint64_t)us * 1000u / device->options.hello.tick_ns);
}

void tef_device_init(tef_device *device, const tef_device_options *options, const tef_port *port) {
  memset(device, 0, sizeof *device);
  device->options = *options;
  device->port = *port;
  tef_receiver_init(&device->receiver);
  tef_frame_init(&device->events, options->frame_bytes);
  device->ticks = port->now(port->context);
  device->zero = device->ticks;
  device->flush_ticks = ticks_of(device, options->flush_us);
  device->status_ticks = ticks_of(device, STATUS_US);
  /* A delimiter before the first frame parts it from what a boot loader may have said. */
  device->options.ring[0] = 0;
  device->ring_used = 1;
}

/* Moves the unwrapped counter to a reading of the board's, which may be a little older than the last one. */
static uint64_t unwrap(tef_device *device, uint32_t now) {
  const uint32_t ahead = now - (uint32_t)device->ticks;
  if (ahead >= 0x80000000u) return device->ticks - (uint32_t)(0u - ahead);
  device->ticks += ahead;
  return device->ticks;
}

uint64_t tef_device_now(tef_device *device) {
  return unwrap(device, device->port.now(device->port.context)) - device->zero;
}

/* The way out. */

static void feed_link(tef_device *device) {
  const tef_device_options *options = &device->options;
  while (device->ring_used > 0) {
    const size_t to_end = options->ring_size - device->ring_head;
    const size_t length = device->ring_used < to_end ? device->ring_used : to_end;
    const size_t taken = device->port.write(device->port.context, options->ring + device->ring_head, length);
    device->ring_head = (device->ring_head + taken) % options->ring_size;
    device->ring_used -= taken;
    if (taken < length) return;
  }
}

/* Numbers the frame and puts it into the ring, whole or not at all. */
static bool send(tef_device *device, tef_frame *frame) {
  const size_t most = device->options.ring_size;
  uint8_t wire[TEF_MAX_WIRE];
  uint16_t seq = device->seq;
  const size_t length = tef_seal(frame, &seq, wire);
  if (length == 0) return false;
  if (length > most - device->ring_used) feed_link(device);
  if (length > most - device->ring_used) {
    device->counters.overruns++;
    return false;
  }
  size_t at = (device->ring_head + device->ring_used) % most;
  for (size_t i = 0; i < length; i++) {
    device->options.ring[at++] = wire[i];
    if (at == most) at = 0;
  }
  device->ring_used += length;
  device->seq = seq;
  return true;
}

/* Events. */

static uint32_t wire_ticks(tef_device *device, uint32_t now) {
  return (uint32_t)(unwrap(device, now) - device->zero);
}

void tef_device_flush(tef_device *device) {
  if (!device->open) return;
  device->open = false;
  const uint8_t told = device->events.content[3];
  if (send(device, &device->events)) {
    device->counters.events += device->events.events;
    device->untold -= told;
  } else {
    device->counters.dropped += device->events.events;
    device->untold += device->events.events;
  }
}

static void open_frame(tef_device *device, uint32_t tick, bool scan) {
  const uint8_t dropped = (uint8_t)(device->untold < 0xffu ? device->untold : 0xffu);
  if (scan)
    tef_begin_scan(&device->events, tick, dropped);
  else
    tef_begin_events(&device->events, tick, dropped);
  device->events_since = tick;
  device->open = true;
  device->scan = scan;
}

/* A frame of the wanted kind is open afterwards. */
static void want_frame(tef_device *device, uint32_t tick, bool scan) {
  if (device->open && device->scan != scan) tef_device_flush(device);
  if (!device->open) open_frame(device, tick, scan);
}

static void next_frame(tef_device *device, uint32_t tick) {
  tef_device_flush(device);
  open_frame(device, tick, device->scan);
}

void tef_device_event(tef_device *device, uint32_t now, uint16_t taxel, bool on) {
  if (!device->streaming) return;
  const uint32_t tick = wire_ticks(device, now);
  want_frame(device, tick, false);
  if (tef_add_event(&device->events, tick, tef_address(taxel, on))) return;
  next_frame(device, tick);
  tef_add_event(&device->events, tick, tef_address(taxel, on));
}

void tef_device_scan(tef_device *device, uint32_t now, const uint32_t *addresses, size_t count) {
  if (!device->streaming || count == 0) return;
  const uint32_t tick = wire_ticks(device, now);
  want_frame(device, tick, true);
  for (size_t done = 0; done < count;) {
    const size_t taken = tef_add_scan(&device->events, tick, addresses + done, count - done);
    done += taken;
    if (taken == 0) next_frame(device, tick);
  }
}

/* Messages. */

static void send_hello(tef_device *device) {
  tef_frame frame;
  tef_frame_init(&frame, TEF_MAX_WIRE);
  tef_write_hello(&frame, &device->options.hello);
  send(device, &frame);
}

static void send_ack(tef_device *device, uint16_t seq, bool done) {
  tef_frame frame;
  tef_frame_init(&frame, TEF_MAX_WIRE);
  tef_write_ack(&frame, seq, done ? 0 : 1);
  send(device, &frame);
}

/* After all events that came before it. */
static void send_status(tef_device *device) {
  tef_device_flush(device);
  tef_frame frame;
  tef_frame_init(&frame, TEF_MAX_WIRE);
  device->counters.uptime = tef_device_now(device);
  device->next_status = device->counters.uptime + device->status_ticks;
  tef_write_status(&frame, &device->counters);
  send(device, &frame);
}

static void send_levels(tef_device *device) {
  const tef_port *port = &device->port;
  if (port->level == NULL) return;
  tef_device_flush(device);
  tef_frame frame;
  tef_frame_init(&frame, device->options.frame_bytes);
  const uint32_t tick = (uint32_t)tef_device_now(device);
  tef_begin_levels(&frame, tick, 0);
  for (uint32_t taxel = 0; taxel < device->options.hello.taxels; taxel++) {
    const int32_t level = port->level(port->context, (uint16_t)taxel);
    if (tef_add_level(&frame, level)) continue;
    send(device, &frame);
    tef_begin_levels(&frame, tick, (uint16_t)taxel);
    tef_add_level(&frame, level);
  }
  send(device, &frame);
}

void tef_device_log(tef_device *device, const char *text) {
  tef_frame frame;
  tef_frame_init(&frame, device->options.frame_bytes);
  tef_write_log(&frame, text);
  send(device, &frame);
}

/* Commands. */

static void stop(tef_device *device) {
  tef_device_flush(device);
  device->streaming = false;
}

static void start(tef_device *device, const tef_command *command) {
  const bool possible = (command->stream & TEF_STREAM_EVENTS) != 0;
  send_ack(device, command->seq, possible);
  if (!possible) return;
  if (command->flush_us > 0) device->flush_ticks = ticks_of(device, command->flush_us);
  device->streaming = true;
  send_status(device);
  if ((command->stream & TEF_STREAM_LEVELS) != 0) send_levels(device);
}

static void zero_clock(tef_device *device) {
  tef_device_flush(device);
  device->zero += tef_device_now(device);
}

static void reboot(tef_device *device) {
  stop(device);
  feed_link(device);
  if (device->port.reboot != NULL) device->port.reboot(device->port.context);
  zero_clock(device);
  device->options.hello.boot_id++;
  device->untold = 0;
  memset(&device->counters, 0, sizeof device->counters);
  send_hello(device);
}

static void ping(tef_device *device, uint32_t nonce) {
  const uint64_t received = tef_device_now(device);
  tef_frame frame;
  tef_frame_init(&frame, TEF_MAX_WIRE);
  tef_write_pong(&frame, nonce, received, tef_device_now(device));
  send(device, &frame);
}

static void obey(void *context, const tef_command *command) {
  tef_device *device = (tef_device *)context;
  switch (command->type) {
    case TEF_DESCRIBE:
      send_hello(device);
      break;
    case TEF_START:
      start(device, command);
      break;
    case TEF_STOP:
      stop(device);
      send_ack(device, command->seq, true);
      break;
    case TEF_CONFIG:
      send_ack(device, command->seq, false);
      break;
    case TEF_PING:
      ping(device, command->nonce);
      break;
    case TEF_CLOCK_ZERO:
      zero_clock(device);
      send_ack(device, command->seq, true);
      if (device->streaming) send_status(device);
      break;
    case TEF_KEYFRAME:
      send_levels(device);
      break;
    default: /* TEF_REBOOT */
      send_ack(device, command->seq, true);
      reboot(device);
      break;
  }
}

void tef_device_receive(tef_device *device, const uint8_t *bytes, size_t length) {
  tef_receive(&device->receiver, bytes, length, obey, device);
}

void tef_device_poll(tef_device *device) {
  const uint64_t now = tef_device_now(device);
  if (device->streaming) {
    /* Without events an empty frame tells of those that were lost. */
    if (!device->open && device->untold > 0) open_frame(device, (uint32_t)now, device->scan);
    if (device->open && (uint32_t)now - device->events_since >= device->flush_ticks) tef_device_flush(device);
    if (now >= device->next_status) send_status(device);
  }
  feed_link(device);
}
