/*
 * Scans a matrix of pressure-sensitive crossings and speaks TEF, the native framing of whorl. Pins: board.h. Wiring,
 * boards and flashing: README.md in the folder above.
 *
 * Taxel = row * columns + column. Readings of 12 bits become events by send-on-delta; the events of one scan share the
 * time at which the scan began.
 */
#include "board.h"
#include "src/send_on_delta.h"
#include "src/tef_device.h"

/* Change of a reading (0 .. 4095) that makes an event. Several times the noise of your board; `whorl` needs no more. */
#define RISE 40
#define FALL 40
/* What the first step back must exceed its threshold by. */
#define HYSTERESIS 20
/* Until a driven row is steady. */
#define SETTLE_US 5

#define ROWS (sizeof rowPins)
#define COLUMNS (sizeof columnPins)
#define TAXELS (ROWS * COLUMNS)

static tef_device device;
static uint8_t ring[4096];
static int32_t readings[TAXELS];
static int32_t levels[TAXELS];
static int8_t directions[TAXELS];
static uint32_t addresses[TAXELS];
static send_on_delta encoder = {(uint16_t)TAXELS, RISE, FALL, HYSTERESIS, 1, levels, directions};
static uint32_t scannedAt;

static uint32_t readClock(void *) { return (uint32_t)micros(); }

static size_t writeLink(void *, const uint8_t *bytes, size_t length) {
  const int room = Serial.availableForWrite();
  if (room <= 0) return 0;
  return Serial.write(bytes, length < (size_t)room ? length : (size_t)room);
}

static int32_t levelOf(void *, uint16_t taxel) { return levels[taxel]; }

/* Differs after every start with great likelihood: noise of the converter and the moment of each reading, mixed (FNV). */
static uint32_t makeBootId() {
  uint32_t id = 2166136261u;
  for (uint16_t i = 0; i < 256; i++) {
    id = (id ^ (uint32_t)analogRead(columnPins[i % COLUMNS])) * 16777619u;
    id = (id ^ (uint32_t)micros()) * 16777619u;
  }
  return id;
}

static void readMatrix() {
  for (size_t row = 0; row < ROWS; row++) {
    digitalWrite(rowPins[row], HIGH);
    delayMicroseconds(SETTLE_US);
    for (size_t column = 0; column < COLUMNS; column++)
      readings[row * COLUMNS + column] = (int32_t)analogRead(columnPins[column]);
    digitalWrite(rowPins[row], LOW);
  }
}

static void describe(tef_hello *hello) {
  const uint64_t number = boardNumber();
  hello->tick_ns = 1000;
  hello->taxels = (uint16_t)TAXELS;
  hello->caps = TEF_CAP_POLARITY | TEF_CAP_LEVELS | TEF_CAP_KEYFRAMES;
  hello->geometry_id = 0;
  for (uint8_t i = 0; i < 8; i++) hello->uid[i] = (uint8_t)(number >> (56 - 8 * i));
  hello->firmware[0] = 1;
  hello->firmware[1] = 0;
  hello->firmware[2] = 0;
  hello->boot_id = makeBootId();
  hello->name = BOARD_NAME;
}

void setup() {
  boardBegin();
  Serial.begin(921600);
  analogReadResolution(12);
  for (size_t row = 0; row < ROWS; row++) {
    pinMode(rowPins[row], OUTPUT);
    digitalWrite(rowPins[row], LOW);
  }
  tef_device_options options;
  describe(&options.hello);
  options.frame_bytes = TEF_MAX_WIRE;
  options.flush_us = 2000;
  options.ring = ring;
  options.ring_size = sizeof ring;
  const tef_port port = {NULL, readClock, writeLink, levelOf, boardReboot};
  tef_device_init(&device, &options, &port);
  readMatrix();
  send_on_delta_reset(&encoder, readings);
  scannedAt = (uint32_t)micros();
}

static void receiveCommands() {
  uint8_t bytes[64];
  size_t length = 0;
  while (length < sizeof bytes && Serial.available() > 0) bytes[length++] = (uint8_t)Serial.read();
  tef_device_receive(&device, bytes, length);
}

static void scan() {
  const uint32_t now = (uint32_t)micros();
  if (now - scannedAt < BOARD_SCAN_US) return;
  scannedAt = now;
  readMatrix();
  const size_t count = send_on_delta_encode(&encoder, readings, addresses, TAXELS);
  tef_device_scan(&device, now, addresses, count);
}

void loop() {
  receiveCommands();
  scan();
  tef_device_poll(&device);
}
