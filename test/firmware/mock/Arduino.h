/*
 * As much of Arduino as the sketch uses, on a computer: Serial is standard input and output, micros is the clock, and a
 * finger presses, again and again, on the crossing of the last row and the last column (see main.cpp).
 * The boards' own calls exist as each board's core declares them.
 */
#pragma once
#include <cstddef>
#include <cstdint>

constexpr int LOW = 0, HIGH = 1, OUTPUT = 1;

unsigned long micros();
void delayMicroseconds(unsigned int us);
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t level);
int analogRead(uint8_t pin);

struct MockSerial {
  void begin(unsigned long baud);
  int available();
  int read();
  int availableForWrite();
  size_t write(const uint8_t *bytes, size_t length);
  size_t setTxBufferSize(size_t size);
};
extern MockSerial Serial;

#if defined(TEENSYDUINO)
void analogReadResolution(unsigned int bits);
void analogReadAveraging(unsigned int readings);
constexpr uint8_t A0 = 14, A1 = 15, A2 = 16, A3 = 17, A4 = 18;
extern volatile uint32_t SCB_AIRCR, HW_OCOTP_MAC0, HW_OCOTP_MAC1, SIM_UIDML, SIM_UIDL;
#elif defined(ARDUINO_ARCH_RP2040)
void analogReadResolution(int bits);
constexpr uint8_t A0 = 26, A1 = 27, A2 = 28;
struct MockRp2040 {
  void reboot();
};
extern MockRp2040 rp2040;
#elif defined(ARDUINO_ARCH_ESP32)
void analogReadResolution(uint8_t bits);
struct MockEsp {
  void restart();
  uint64_t getEfuseMac();
};
extern MockEsp ESP;
#endif
