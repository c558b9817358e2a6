/* Runs the sketch on a computer until its standard input ends. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "whorl_matrix.ino"

namespace {
constexpr int resting = 200, pressed = 2200;
int resolution = 10;
int drivenRow = -1;
unsigned char held;
bool isHeld = false;
}  // namespace

MockSerial Serial;

unsigned long micros() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<unsigned long>(now.tv_sec) * 1000000 + static_cast<unsigned long>(now.tv_nsec) / 1000;
}

void delayMicroseconds(unsigned int) {}
void pinMode(uint8_t, uint8_t) {}
void digitalWrite(uint8_t pin, uint8_t level) { drivenRow = level == HIGH ? pin : -1; }

/* A finger presses on the last crossing for 100 scans and rests for 100, again and again. */
int analogRead(uint8_t pin) {
  static unsigned scans = 0;
  const bool there = drivenRow == rowPins[sizeof rowPins - 1] && pin == columnPins[sizeof columnPins - 1];
  const bool isDown = there && scans++ / 100 % 2 == 1;
  return (isDown ? pressed : resting) >> (12 - resolution);
}

void MockSerial::begin(unsigned long) {
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
}

int MockSerial::available() {
  if (isHeld) return 1;
  const ssize_t length = ::read(STDIN_FILENO, &held, 1);
  if (length == 0) std::exit(0);
  isHeld = length == 1;
  return isHeld ? 1 : 0;
}

int MockSerial::read() {
  if (!isHeld) return -1;
  isHeld = false;
  return held;
}

int MockSerial::availableForWrite() { return 64; }

size_t MockSerial::write(const uint8_t *bytes, size_t length) {
  const ssize_t taken = ::write(STDOUT_FILENO, bytes, length);
  return taken < 0 ? 0 : static_cast<size_t>(taken);
}

size_t MockSerial::setTxBufferSize(size_t size) { return size; }

#if defined(TEENSYDUINO)
volatile uint32_t SCB_AIRCR, HW_OCOTP_MAC0 = 0x11223344, HW_OCOTP_MAC1 = 0x55667788, SIM_UIDML = 1, SIM_UIDL = 2;
void analogReadResolution(unsigned int bits) { resolution = static_cast<int>(bits); }
void analogReadAveraging(unsigned int) {}
#elif defined(ARDUINO_ARCH_RP2040)
MockRp2040 rp2040;
void analogReadResolution(int bits) { resolution = bits; }
void MockRp2040::reboot() { std::exit(3); }
#elif defined(ARDUINO_ARCH_ESP32)
MockEsp ESP;
void analogReadResolution(uint8_t bits) { resolution = bits; }
void MockEsp::restart() { std::exit(3); }
uint64_t MockEsp::getEfuseMac() { return 0x0000665544332211u; }
#endif

int main() {
  setup();
  for (;;) {
    loop();
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    poll(&input, 1, 1);
  }
}
