/** Labelled windows from captures: `<anything>_label_<label>.capture`, one label a file, windows cut by onset. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CaptureError, CaptureReader, TefDecoder, tefSink } from '../../devices/index.js';
import { type Dataset, type InputSpec, NetworkError, windowFromCells } from '../../models/index.js';
import type { PolicySpec } from '../window/policies.js';
import type { ClosedWindow } from '../window/window.js';
import { Windower } from '../window/windower.js';

const fileName = /_label_([^/]+)\.capture$/;

/** Windows of all captures at `path` (a file or a directory), or undefined when there are none. */
export async function readCaptures(
  path: string,
  input: InputSpec,
  policy: PolicySpec,
): Promise<Dataset | undefined> {
  const files = await captureFiles(path);
  if (files.length === 0) return undefined;
  const labels = [...new Set(files.map(labelOf))].sort();
  const found: { window: ClosedWindow; target: number; name: string }[] = [];
  for (const file of files) {
    const target = labels.indexOf(labelOf(file));
    for (const window of await captureWindows(file, input, policy))
      found.push({ window, target, name: `${basename(file)} window ${window.index}` });
  }
  return {
    input,
    labels,
    windows: found.map(({ window }) => windowFromCells(input, window.cells)),
    targets: found.map(({ target }) => target),
    names: found.map(({ name }) => name),
  };
}

async function captureFiles(path: string): Promise<string[]> {
  const about = await stat(path).catch(() => undefined);
  if (about === undefined) return [];
  if (!about.isDirectory()) return path.endsWith('.capture') ? [path] : [];
  return (await readdir(path, { recursive: true }))
    .filter((name) => fileName.test(name))
    .sort()
    .map((name) => join(path, name));
}

function labelOf(file: string): string {
  const label = fileName.exec(file)?.[1];
  if (label === undefined)
    throw new NetworkError(
      `${file}: the name does not end in _label_<label>.capture, so its label is unknown`,
    );
  return label;
}

async function captureWindows(file: string, input: InputSpec, policy: PolicySpec): Promise<ClosedWindow[]> {
  const windows: ClosedWindow[] = [];
  const windower = new Windower({
    input,
    sensors: input.channels / 2,
    policy,
    onWindow: (window) => windows.push(window),
  });
  const decoder = new TefDecoder({ taxels: input.taxels });
  const sink = tefSink({
    events: (batch) => windower.add(0, batch),
    advance: (deviceUs) => windower.advance(0, deviceUs),
    epoch: () => windower.epoch(0),
  });
  const reader = await CaptureReader.open(file);
  try {
    for (let record = await reader.next(); record !== undefined; record = await reader.next())
      decoder.push(record.bytes, sink);
  } catch (error) {
    throw error instanceof CaptureError ? new CaptureError(`${file}: ${error.message}`) : error;
  } finally {
    await reader.close();
  }
  windower.flush();
  return windows;
}
