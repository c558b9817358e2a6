/* What differs between the boards: pins, converter, unique number, restart. A board of your own is one more branch. */
#ifndef WHORL_BOARD_H
#define WHORL_BOARD_H

#include <Arduino.h>

#if defined(TEENSYDUINO) /* Teensy 3.x and 4.x, USB */

#define BOARD_NAME "whorl matrix, Teensy"
#define BOARD_SCAN_US 1000u
static const uint8_t rowPins[] = {2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t columnPins[] = {A0, A1, A2, A3, A4};

static void boardBegin() { analogReadAveraging(1); }

static void boardReboot(void *) { SCB_AIRCR = 0x05FA0004; }

static uint64_t boardNumber() {
#if defined(__IMXRT1062__)
  return ((uint64_t)HW_OCOTP_MAC1 << 32) | HW_OCOTP_MAC0;
#else
  return ((uint64_t)SIM_UIDML << 32) | SIM_UIDL;
#endif
}

#elif defined(ARDUINO_ARCH_RP2040) /* Raspberry Pi Pico and others, USB; core "arduino-pico" */

#include <pico/unique_id.h>

#define BOARD_NAME "whorl matrix, RP2040"
#define BOARD_SCAN_US 1000u
static const uint8_t rowPins[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
static const uint8_t columnPins[] = {A0, A1, A2};

static void boardBegin() {}

static void boardReboot(void *) { rp2040.reboot(); }

static uint64_t boardNumber() {
  pico_unique_board_id_t id;
  pico_get_unique_board_id(&id);
  uint64_t number = 0;
  for (uint8_t i = 0; i < 8; i++) number = (number << 8) | id.id[i];
  return number;
}

#elif defined(ARDUINO_ARCH_ESP32) /* ESP32, a bridge chip at 921600 baud */

#define BOARD_NAME "whorl matrix, ESP32"
/* Its converter is slow. */
#define BOARD_SCAN_US 5000u
static const uint8_t rowPins[] = {4, 5, 18, 19, 21, 22, 23};
/* Of the first converter: the second one stands still while WiFi is on. */
static const uint8_t columnPins[] = {32, 33, 34, 35, 36, 39};

/* Called before Serial.begin: without a buffer a write waits for the line. */
static void boardBegin() { Serial.setTxBufferSize(1024); }

static void boardReboot(void *) { ESP.restart(); }

static uint64_t boardNumber() { return ESP.getEfuseMac(); }

#else
#error "no pins are known for this board: add a branch to board.h"
#endif

#endif
