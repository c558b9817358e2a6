import { TransportError } from './transport.js';

/** serialport reports the text of errno and not its number; these are the texts that glibc and musl have in common. */
const codes: readonly (readonly [RegExp, string])[] = [
  [/cannot lock port|resource busy/i, 'EBUSY'],
  [/no such file/i, 'ENOENT'],
  [/permission denied/i, 'EACCES'],
  [/i\/o error|input\/output error|bad file descriptor/i, 'EIO'],
  [/no such device/i, 'ENODEV'],
  [/inappropriate ioctl|not a tty/i, 'ENOTTY'],
];

/** What went wrong with the serial port at `path`, and in one line what to do about it. */
export function serialError(path: string, cause: unknown): TransportError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = codes.find(([pattern]) => pattern.test(text))?.[1] ?? 'EUNKNOWN';
  return new TransportError(code, remedy(code, path, text), cause);
}

function remedy(code: string, path: string, text: string): string {
  switch (code) {
    case 'ENOENT':
      return `${path} is not there: plug the sensor in, or choose one of the ports that 'whorl ports' lists`;
    case 'EACCES':
      return `${path} may not be opened: add yourself to its group ('sudo usermod -aG dialout $USER'; uucp on Arch) and log in again; 'whorl doctor' names the group`;
    case 'EBUSY':
      return `${path} is in use: find the other program with 'fuser -v ${path}' and stop it; ModemManager keeps off with the udev rule 60-whorl.rules`;
    case 'EIO':
      return `${path} has hung up: the sensor was unplugged or its USB link failed; check cable and power`;
    case 'ENODEV':
      return `${path} leads to no device any more: plug the sensor in again`;
    case 'ENOTTY':
      return `${path} is no serial port: choose one of the ports that 'whorl ports' lists`;
    default:
      return `${path}: ${text}`;
  }
}
