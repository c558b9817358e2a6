/**
 * Labelled windows from recordings: `<anything>_label_<label>.capture` (or .tact, .csv, .mat, .aedat), one label a file,
 * windows cut by onset.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CaptureSequence, TefDecoder, tefSink } from '../../devices/index.js';
import { type Dataset, type InputSpec, NetworkError, windowFromCells } from '../../models/index.js';
import { type EventFormat, formatOf, openRecording } from '../convert/formats.js';
import type { PolicySpec } from '../window/policies.js';
import type { ClosedWindow } from '../window/window.js';
import { Windower } from '../window/windower.js';

const fileName = /_label_([^/]+)\.(capture|tact|csv|mat|aedat)$/;
const ending = /\.(capture|tact|csv|mat|aedat)$/;

/** Windows of all recordings at `path` (a file or a directory), or undefined when there are none. */
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
    const cut = file.endsWith('.capture') ? captureWindows : recordingWindows;
    for (const window of await cut(file, input, policy))
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
  if (!about.isDirectory()) return ending.test(path) ? [path] : [];
  return (await readdir(path, { recursive: true }))
    .filter((name) => fileName.test(name))
    .sort()
    .map((name) => join(path, name));
}

function labelOf(file: string): string {
  const label = fileName.exec(file)?.[1];
  if (label === undefined)
    throw new NetworkError(
      `${file}: the name does not end in _label_<label>.capture (or .tact, .csv, .mat, .aedat), so its label is unknown`,
    );
  return label;
}

/** Windows of whatever `feed` tells the windower, and of what is left at its end. */
async function cutWindows(
  input: InputSpec,
  policy: PolicySpec,
  feed: (windower: Windower) => Promise<void>,
): Promise<ClosedWindow[]> {
  const windows: ClosedWindow[] = [];
  const sensors = input.channels / 2;
  const windower = new Windower({ input, sensors, policy, onWindow: (window) => windows.push(window) });
  await feed(windower);
  windower.flush();
  return windows;
}

function captureWindows(file: string, input: InputSpec, policy: PolicySpec): Promise<ClosedWindow[]> {
  return cutWindows(input, policy, async (windower) => {
    const decoder = new TefDecoder({ taxels: input.taxels });
    const sink = tefSink({
      events: (batch) => windower.add(0, batch),
      advance: (deviceUs) => windower.advance(0, deviceUs),
      epoch: () => windower.epoch(0),
    });
    const reader = await CaptureSequence.open(file);
    try {
      for (let record = await reader.next(); record !== undefined; record = await reader.next()) {
        if (record.newLink) {
          decoder.reset(sink);
          windower.epoch(0);
        }
        decoder.push(record.bytes, sink);
      }
    } finally {
      await reader.close();
    }
  });
}

/** Of a recording of events, whose times go through without a break. */
function recordingWindows(file: string, input: InputSpec, policy: PolicySpec): Promise<ClosedWindow[]> {
  return cutWindows(input, policy, async (windower) => {
    const recording = await openRecording(file, formatOf(file) as EventFormat, { taxels: input.taxels });
    try {
      for await (const batch of recording.batches) windower.add(0, batch);
    } finally {
      await recording.close();
    }
  });
}
