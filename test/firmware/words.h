/* One line of words, read from the left: decimal numbers and hexadecimal bytes. */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the next line of standard input; false at its end. */
bool next_line(void);
bool words_left(void);
const char *next_word(void);

/* A number of 64 bits, and its lower bits. */
uint64_t u64(void);
uint32_t u32(void);
uint16_t u16(void);
uint8_t u8(void);
int32_t i32(void);

/* Bytes, one word; `out` holds as many as a line has. Returns how many. */
size_t hex_bytes(uint8_t *out);
void print_hex(const uint8_t *from, size_t length);

#define MOST_BYTES (1u << 19)

#endif
