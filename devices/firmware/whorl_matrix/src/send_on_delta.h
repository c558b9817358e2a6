/*
 * Pressure readings of a scanned matrix to events, in whole numbers: devices/encoder/README.md tells the rule. A taxel
 * fires when its reading v has moved away from its level L by a threshold, and the level follows by that threshold:
 *
 *   v - L >= rise  ->  ON,   L += rise
 *   L - v >= fall  ->  OFF,  L -= fall
 */
#ifndef WHORL_SEND_ON_DELTA_H
#define WHORL_SEND_ON_DELTA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint16_t taxels;
  /* Rise and fall that make an event, 1 or more, in the unit of the readings. */
  int32_t rise;
  int32_t fall;
  /* What a change must exceed its threshold by when it turns against the taxel's last event. */
  int32_t hysteresis;
  /* Most events of a taxel in one scan, 1 or more. */
  uint8_t max_per_scan;
  /* Memory for each taxel: its level, and the sign of its last event. */
  int32_t *level;
  int8_t *direction;
} send_on_delta;

/* Starts anew with these readings, or (NULL) zeros, as the levels: a resting load is no event. */
void send_on_delta_reset(send_on_delta *encoder, const int32_t *readings);

/*
 * Writes the addresses (taxel << 1 | on) of the events of one scan, taxel by taxel, and returns how many. What finds no
 * room in `capacity` comes with the next scan.
 */
size_t send_on_delta_encode(send_on_delta *encoder, const int32_t *readings, uint32_t *addresses, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
