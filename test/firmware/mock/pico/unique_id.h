/* The one call of the Pico SDK that the sketch uses. */
#pragma once
#include <cstdint>

struct pico_unique_board_id_t {
  uint8_t id[8];
};

inline void pico_get_unique_board_id(pico_unique_board_id_t *id) {
  for (int i = 0; i < 8; i++) id->id[i] = static_cast<uint8_t>(0xa0 + i);
}
