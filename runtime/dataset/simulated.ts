/** Labelled windows from the sensor simulator, cut by the same onset policy as live touch. */
import {
  CONTACT_KINDS,
  type ContactKind,
  type Finger,
  type Geometry,
  type MotionKind,
  type SequencedContact,
  simulateGrasps,
} from '../../devices/index.js';
import { type Dataset, type InputSpec, windowFromCells } from '../../models/index.js';
import type { OnsetSpec } from '../window/policies.js';
import type { ClosedWindow } from '../window/window.js';
import { Windower } from '../window/windower.js';

export interface SimulatedOptions {
  readonly geometry: Geometry;
  readonly input: Pick<InputSpec, 'bins' | 'binUs'>;
  readonly seed: number;
  /** Contacts; a contact gives one window, or none when it is too light to begin one. */
  readonly count: number;
  readonly kinds?: readonly ContactKind[];
  /** Fingers that hold the object: 1 (default), or 2 on opposite sides, with the channels 0, 1 and 2, 3. */
  readonly fingers?: 1 | 2;
  readonly policy: OnsetSpec;
  readonly onProgress?: (done: number) => void;
}

/** The longest that the second finger's events come after the first's: a contact and the silence after it. */
const PERIOD_US = 10_000_000;

/** More events than a finger feels in that time. */
const LANE_EVENTS = 2 ** 19;

/** A labelled window before it becomes part of a dataset. */
export interface LabelledWindow {
  readonly window: ClosedWindow;
  readonly contact: SequencedContact;
}

/** Simulates `count` contacts on one device clock and cuts them into windows. */
export function simulatedDataset(options: SimulatedOptions): Dataset {
  const { geometry, kinds = CONTACT_KINDS, fingers = 1 } = options;
  const input: InputSpec = { ...options.input, taxels: geometry.taxels.length, channels: 2 * fingers };
  const found = labelledWindows(options, input);
  return {
    input,
    labels: kinds,
    windows: found.map(({ window }) => windowFromCells(input, window.cells)),
    targets: found.map(({ contact }) => (kinds as readonly MotionKind[]).indexOf(contact.kind)),
    names: found.map(
      ({ window, contact }) =>
        `window ${window.index} contact ${contact.index} ${contact.kind} ${contact.shape}`,
    ),
  };
}

/** The fingers of a gripper, `count` of them. */
export function fingerList(count: 1 | 2): readonly Finger[] {
  return count === 1 ? [0] : [0, 1];
}

function labelledWindows(options: SimulatedOptions, input: InputSpec): LabelledWindow[] {
  const { policy, count, fingers = 1, onProgress } = options;
  const found: LabelledWindow[] = [];
  const closed: ClosedWindow[] = [];
  const windower = new Windower({
    input,
    sensors: fingers,
    policy,
    ...(fingers === 1 ? {} : { maxLagUs: PERIOD_US, laneEvents: LANE_EVENTS }),
    onWindow: (window) => closed.push(window),
  });
  const recent: SequencedContact[] = [];
  for (const felt of simulateGrasps({ ...options, count }, fingerList(fingers))) {
    const contact = felt[0]!;
    recent.push(contact);
    for (const [finger, { events }] of felt.entries()) windower.add(finger, events);
    for (const finger of felt.keys()) windower.advance(finger, contact.nextUs);
    if (contact.index === count - 1) windower.flush();
    for (const window of closed.splice(0)) {
      const cause = contactOf(recent, window, policy);
      if (cause !== undefined) found.push({ window, contact: cause });
    }
    if (recent.length > 4) recent.shift();
    onProgress?.(contact.index + 1);
  }
  return found;
}

/**
 * The contact that a window is about: the one under way when its burst was complete. The burst's first event may be a
 * background event shortly before the contact.
 */
export function contactOf(
  contacts: readonly SequencedContact[],
  window: { startUs: number },
  policy: OnsetSpec,
): SequencedContact | undefined {
  const burstUs = window.startUs + policy.preRollUs + policy.intervalUs;
  return contacts.find(({ startUs, nextUs }) => burstUs >= startUs && burstUs < nextUs);
}
