#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char line[2u * MOST_BYTES];
static char *rest = line;

bool next_line(void) {
  if (fgets(line, (int)sizeof line, stdin) == NULL) return false;
  line[strcspn(line, "\n")] = '\0';
  rest = line;
  return true;
}

bool words_left(void) { return *rest != '\0'; }

const char *next_word(void) {
  const char *found = rest;
  rest += strcspn(rest, " ");
  if (*rest != '\0') *rest++ = '\0';
  return found;
}

uint64_t u64(void) { return strtoull(next_word(), NULL, 10); }
uint32_t u32(void) { return (uint32_t)u64(); }
uint16_t u16(void) { return (uint16_t)u64(); }
uint8_t u8(void) { return (uint8_t)u64(); }
int32_t i32(void) { return (int32_t)strtol(next_word(), NULL, 10); }

size_t hex_bytes(uint8_t *out) {
  const char *hex = next_word();
  const size_t length = strlen(hex) / 2;
  for (size_t i = 0; i < length; i++) {
    const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
    out[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  return length;
}

void print_hex(const uint8_t *from, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", from[i]);
}
