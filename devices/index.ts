export * from './clock.js';
export { type ClockReport, ClockSync } from './clock-sync.js';
export { anyskinAxes } from './codec/anyskin.js';
export { pillarValues } from './codec/contactile-pts.js';
export * from './codec/decoder.js';
export { timestampBits } from './codec/edvs/records.js';
export { TefDecoder, type TefDecoderOptions } from './codec/tef/decoder.js';
export { type EventFrameOptions, TefEncoder, type TefEncoderOptions } from './codec/tef/encoder.js';
export type { TefAck, TefCommand, TefHello, TefLevels, TefPong, TefStatus } from './codec/tef/messages.js';
export { type LevelFormat, TefCaps, TefStream, TefType } from './codec/tef/messages.js';
export { type TefSink, tefSink } from './codec/tef/sink.js';
export { describePort, guessDrivers, type PortGuess } from './discovery/fingerprints.js';
export { listPorts, type PortList } from './discovery/list-ports.js';
export { type PortInfo, stableNames, usbOf } from './discovery/port-info.js';
export { type ProbeOptions, type ProbeResult, probePort } from './discovery/probe.js';
export { isBarePath, type PortIdentity, portResolver, usbPattern } from './discovery/resolve-port.js';
export { portFacts } from './discovery/sysfs.js';
export { type AgniDriverOptions, agniDriver } from './drivers/agni-sp.js';
export { type AnyskinDriverOptions, anyskinDriver } from './drivers/anyskin.js';
export { type PtsDriverOptions, ptsDriver, ptsRates } from './drivers/contactile-pts.js';
export * from './drivers/driver-options.js';
export { type EdvsDriverOptions, edvsDriver, edvsModes } from './drivers/edvs.js';
export {
  type FrameNews,
  type FrameProtocol,
  frameDriver,
  type LevelOptions,
} from './drivers/frame-driver.js';
export { type IcubAeDriverOptions, icubAeDriver } from './drivers/icub-ae.js';
export { type MatrixDriverOptions, matrixDriver, matrixFormats } from './drivers/matrix.js';
export { type CalibrationOptions, leastFrames, RestFrames } from './encoder/calibration.js';
export * from './encoder/integrate-events.js';
export { LevelEvents, type LevelEventsOptions } from './encoder/level-events.js';
export * from './encoder/send-on-delta.js';
export * from './event.js';
export { readAedat, writeAedat } from './recording/aedat.js';
export type { Chunks } from './recording/byte-source.js';
export { type CaptureWriteOptions, readCapture, writeCapture } from './recording/capture-events.js';
export { readCsv, writeCsv } from './recording/csv.js';
export { readMat5 } from './recording/mat5.js';
export { writeMat5 } from './recording/mat5-writer.js';
export * from './recording/recording.js';
export { readTact, writeTact } from './recording/tact.js';
export {
  type Calibration,
  CalibrationError,
  readCalibration,
  writeCalibration,
} from './sensor/calibration-file.js';
export * from './sensor/geometry.js';
export * from './sensor/geometry-file.js';
export { geometryId } from './sensor/geometry-id.js';
export * from './sensor/grid.js';
export * from './sensor/neutouch.js';
export * from './sensor/profile.js';
export * from './sensor/read-geometry.js';
export { SensorCounters } from './session/counters.js';
export type { Driver, DriverSink, SensorIdentity } from './session/driver.js';
export type { SensorListener, SensorStatus } from './session/listener.js';
export type { SensorState } from './session/machine.js';
export { type OpenSensorOptions, openSensor, type Sensor } from './session/sensor.js';
export { type TefDriverOptions, tefDriver } from './session/tef-driver.js';
export { type Contact, type ContactOptions, simulateContact } from './simulator/contact.js';
export { SimulatedDevice, type SimulatedDeviceOptions } from './simulator/device.js';
export { CONTACT_KINDS, type ContactKind, type MotionKind } from './simulator/motions.js';
export type { Finger, SensorOptions } from './simulator/sensor-options.js';
export {
  type SequencedContact,
  type SequenceOptions,
  simulateGrasps,
  simulateSequence,
} from './simulator/sequence.js';
export { OBJECT_SHAPES, type ObjectShape } from './simulator/shapes.js';
export { CaptureError, type CaptureHeader, type CaptureRecord } from './transport/capture/format.js';
export { CaptureReader } from './transport/capture/reader.js';
export { type ReplayOptions, replayTransport } from './transport/capture/replay.js';
export { CaptureRing, type CaptureRingOptions, RecordError } from './transport/capture/ring.js';
export { CaptureSequence, captureFiles } from './transport/capture/sequence.js';
export { type CaptureFile, CaptureWriter, type CaptureWriterOptions } from './transport/capture/writer.js';
export type { LatencyFinding } from './transport/latency.js';
export { type MemoryPairOptions, memoryPair } from './transport/memory.js';
export { rawFileTransport } from './transport/raw-file.js';
export { type SerialOptions, serialTransport } from './transport/serial.js';
export { type LinkTap, tappedTransport } from './transport/tap.js';
export { acceptedTransport, type TcpOptions, tcpTransport } from './transport/tcp.js';
export * from './transport/transport.js';
