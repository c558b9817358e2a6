#include "send_on_delta.h"

void send_on_delta_reset(send_on_delta *encoder, const int32_t *readings) {
  for (uint16_t taxel = 0; taxel < encoder->taxels; taxel++) {
    encoder->level[taxel] = readings == NULL ? 0 : readings[taxel];
    encoder->direction[taxel] = 0;
  }
}

size_t send_on_delta_encode(send_on_delta *encoder, const int32_t *readings, uint32_t *addresses, size_t capacity) {
  size_t count = 0;
  for (uint16_t taxel = 0; taxel < encoder->taxels; taxel++) {
    int32_t change = readings[taxel] - encoder->level[taxel];
    const int8_t sign = change > 0 ? 1 : -1;
    const int32_t threshold = sign > 0 ? encoder->rise : encoder->fall;
    int32_t needed = threshold;
    if (encoder->direction[taxel] == -sign) needed += encoder->hysteresis;
    for (uint8_t sent = 0; sent < encoder->max_per_scan && sign * change >= needed; sent++) {
      if (count == capacity) return count;
      addresses[count++] = ((uint32_t)taxel << 1) | (sign > 0 ? 1u : 0u);
      encoder->level[taxel] += sign * threshold;
      encoder->direction[taxel] = sign;
      change = readings[taxel] - encoder->level[taxel];
      needed = threshold;
    }
  }
  return count;
}
