/*
 * A sensor that speaks TEF v1: obeys the host's commands, gathers events into frames, sends the heartbeat, and counts
 * what the link did not take. Portable C99 as tef.h is; the board gives a clock, a way out and memory.
 *
 * Nothing here waits. What the link does not take at once lies in a ring; when the ring is full, a frame of events is
 * given up whole, and the next frames say how many events are missing. CONFIG is refused: there are no settings.
 */
#ifndef WHORL_TEF_DEVICE_H
#define WHORL_TEF_DEVICE_H

#include "tef.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the board does for the device; `context` is passed on. */
typedef struct {
  void *context;
  /* Ticks of a free-running counter of 32 bits; asked for much more often than it wraps. */
  uint32_t (*now)(void *context);
  /* Takes what the link takes without waiting and returns how many bytes that was. */
  size_t (*write)(void *context, const uint8_t *bytes, size_t length);
  /* Absolute level of a taxel, for keyframes; NULL: the device has no levels. */
  int32_t (*level)(void *context, uint16_t taxel);
  /* Starts the board again and does not return; NULL: only the protocol starts again. */
  void (*reboot)(void *context);
} tef_port;

typedef struct {
  tef_hello hello;
  /* Longest frame of events on the wire, 32 .. 255; 64 is advised below 500 kbaud. */
  uint16_t frame_bytes;
  /* Longest that an event waits for its frame to fill unless START says otherwise, in microseconds. */
  uint16_t flush_us;
  /* Memory for what waits for the link: 512 bytes or more, so that a keyframe finds room. */
  uint8_t *ring;
  size_t ring_size;
} tef_device_options;

/* All of it is private; the counters may be read. */
typedef struct {
  tef_port port;
  tef_device_options options;
  tef_receiver receiver;
  /* The frame of events that is being filled. */
  tef_frame events;
  uint32_t events_since;
  bool open;
  bool scan;
  bool streaming;
  uint16_t seq;
  size_t ring_head;
  size_t ring_used;
  /* The counter of the board, unwrapped, and its reading when the device's clock was zero. */
  uint64_t ticks;
  uint64_t zero;
  uint32_t flush_ticks;
  uint32_t status_ticks;
  uint64_t next_status;
  /* Events lost that no frame has told of yet. */
  uint32_t untold;
  /* `uptime` is not kept up to date. */
  tef_status counters;
} tef_device;

/* Sets the device up; its clock reads zero. */
void tef_device_init(tef_device *device, const tef_device_options *options, const tef_port *port);

/* Ticks of the device's clock. */
uint64_t tef_device_now(tef_device *device);

/* Takes bytes from the host and obeys the commands in them. */
void tef_device_receive(tef_device *device, const uint8_t *bytes, size_t length);

/*
 * Takes one event, or the events of one scan, at a reading of `now` that is not older than that of the last. Without a
 * host that has said START they are not sent, and not counted as lost.
 */
void tef_device_event(tef_device *device, uint32_t now, uint16_t taxel, bool on);
void tef_device_scan(tef_device *device, uint32_t now, const uint32_t *addresses, size_t count);

/* Call it as often as possible, and after the events of the moment: flushes, sends STATUS, feeds the link. */
void tef_device_poll(tef_device *device);

/* Sends what is gathered without waiting for its time. */
void tef_device_flush(tef_device *device);

/* A line of text for the host's log. */
void tef_device_log(tef_device *device, const char *text);

#ifdef __cplusplus
}
#endif

#endif
