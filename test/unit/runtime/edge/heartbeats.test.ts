import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BeatingPipeline,
  Heartbeats,
  type HeartbeatsOptions,
} from '../../../../runtime/edge/heartbeats.js';
import type { PipelineState, ShedLevel } from '../../../../runtime/inference/index.js';
import type { HeartbeatBody } from '../../../../runtime/publish/index.js';
import { LateClock } from '../../../support/clock.js';
import { pipelineCounters } from '../../../support/counters.js';
import { assertBody } from '../../../support/message-schemas.js';

class Beating implements BeatingPipeline {
  state: PipelineState = 'running';
  readonly counters = pipelineCounters();
  isBusy = false;
  shedLevel: ShedLevel = 0;
}

function setUp(change: Partial<HeartbeatsOptions> = {}) {
  const clock = new LateClock();
  const pipelines = new Map([['slip', new Beating()]]);
  const online = new Set(['left', 'right']);
  const beats: { atMs: number; body: HeartbeatBody }[] = [];
  const heartbeats = new Heartbeats({
    ...{ clock, everyMs: 100, pipelines, deadlineMs: () => 100 },
    sensorsOf: () => ['left', 'right'],
    isOnline: (sensor) => online.has(sensor),
    publish: (body) => {
      assertBody('heartbeat', body);
      beats.push({ atMs: clock.monoUs() / 1000, body });
    },
    ...change,
  });
  const times = (): number[] => beats.map(({ atMs }) => atMs);
  return { clock, pipelines, slip: pipelines.get('slip')!, online, beats, times, heartbeats };
}

test('a pipeline without results is heard of at each interval, from the start on', () => {
  const { clock, beats, times, heartbeats } = setUp();
  heartbeats.start();
  clock.advance(350);
  assert.deepEqual(times(), [0, 100, 200, 300]);
  assert.deepEqual(beats[3]!.body, {
    ...{ pipeline: 'slip', state: 'ok', sensors: { online: 2, of: 2 }, shed: 0, last_result_age_ms: null },
  });
});

test('results are heard as well: a heartbeat comes an interval after the last', () => {
  const { clock, beats, times, heartbeats } = setUp();
  heartbeats.start();
  for (let i = 0; i < 30; i++) {
    clock.advance(33);
    heartbeats.heard('slip');
  }
  assert.deepEqual(times(), [0]);
  clock.advance(250);
  assert.deepEqual(times(), [0, 1090, 1190]);
  assert.deepEqual(
    beats.slice(1).map(({ body }) => body.last_result_age_ms),
    [100, 200],
  );
});

test('each of several pipelines is heard of in its own time, by one timer', () => {
  const { clock, pipelines, beats, heartbeats } = setUp();
  pipelines.set('grip', new Beating());
  heartbeats.start();
  clock.advance(40);
  heartbeats.heard('grip');
  clock.advance(200);
  assert.deepEqual(
    beats.map(({ atMs, body }) => `${atMs} ${body.pipeline}`),
    ['0 slip', '0 grip', '100 slip', '140 grip', '200 slip', '240 grip'],
  );
  assert.equal(clock.waiting, 1);
});

test('after a standstill of the thread each is heard of once', () => {
  const { clock, times, heartbeats } = setUp();
  heartbeats.start();
  clock.lateUs = 5_000_000;
  clock.advance(250);
  assert.deepEqual(times(), [0, 5100, 5200]);
});

test('what can be felt, and what is left out', () => {
  const { clock, slip, online, beats, heartbeats } = setUp();
  heartbeats.start();
  const next = (): unknown[] => {
    clock.advance(100);
    const { state, sensors, shed } = beats.at(-1)!.body;
    return [state, sensors.online, shed];
  };
  slip.shedLevel = 2;
  assert.deepEqual(next(), ['overloaded', 2, 2]);
  online.delete('left');
  assert.deepEqual(next(), ['incomplete', 1, 2]);
  online.delete('right');
  assert.deepEqual(next(), ['no_sensor', 0, 2]);
});

test('a pipeline without a model is silent, and is heard of as soon as it runs', () => {
  const { clock, slip, times, heartbeats } = setUp();
  slip.state = 'failed';
  heartbeats.start();
  clock.advance(250);
  assert.deepEqual(times(), []);
  slip.state = 'running';
  clock.advance(100);
  assert.deepEqual(times(), [300]);
  slip.state = 'stopped';
  clock.advance(500);
  assert.deepEqual(times(), [300]);
});

test('a pipeline that has something to do and gets nowhere is silent until it moves again', () => {
  const { clock, slip, times, heartbeats } = setUp();
  heartbeats.start();
  clock.advance(100);
  slip.isBusy = true;
  clock.advance(1900);
  assert.equal(times().at(-1), 1100, 'a second after it was last seen to get on');
  slip.counters.dropped++;
  clock.advance(1000);
  assert.equal(times().at(-1), 1100, 'giving way to newer windows is no progress');
  slip.counters.updates++;
  clock.advance(100);
  assert.equal(times().at(-1), 3100);
});

test('a pipeline that may take longer for an answer is silent later', () => {
  const { clock, slip, times, heartbeats } = setUp({ deadlineMs: () => 700 });
  slip.isBusy = true;
  heartbeats.start();
  clock.advance(5000);
  assert.equal(times().at(-1), 2100);
});

test('none when it is off, and none after a stop', () => {
  const off = setUp({ everyMs: 0 });
  off.heartbeats.start();
  assert.equal(off.clock.waiting, 0);
  const { clock, heartbeats } = setUp();
  heartbeats.start();
  heartbeats.stop();
  assert.equal(clock.waiting, 0);
});
