import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TransportError } from '../../devices/index.js';
import { type Pipe, transportKinds } from '../support/transport-kinds.js';
import { End, pattern } from '../support/wire.js';

for (const kind of transportKinds) {
  const { skip } = kind;

  /** Runs a test with a pipe of this kind, and takes it down whatever happens. */
  async function withPipe(sent: Uint8Array, work: (pipe: Pipe) => Promise<void>): Promise<void> {
    const pipe = await kind.connect(sent);
    try {
      await work(pipe);
    } finally {
      await pipe.near.transport.close();
      await pipe.far?.transport.close();
      await pipe.cleanUp();
    }
  }

  describe(kind.name, () => {
    test('all bytes arrive, unchanged, in order, with arrival times in order', { skip }, () => {
      const sent = pattern(20_000);
      return withPipe(sent, async ({ near, far }) => {
        void far?.transport.write(sent);
        await near.until(() => near.length >= sent.length);
        assert.deepEqual(near.received, sent);
        assert.ok(near.arrivals.every((time, i) => i === 0 || time >= near.arrivals[i - 1]!));
        assert.ok(Number.isFinite(near.arrivals[0]));
      });
    });

    test('what is written arrives at the far end, however much it is', { skip }, () =>
      withPipe(new Uint8Array(1), async ({ near, far }) => {
        const sent = pattern(600_000);
        if (far === undefined) return near.transport.write(sent);
        for (let at = 0; at < sent.length; at += 4000)
          await near.transport.write(sent.subarray(at, at + 4000));
        await far.until(() => far.length >= sent.length);
        assert.deepEqual(far.received, sent);
      }),
    );

    test('written bytes are copied before the call returns', { skip }, () =>
      withPipe(new Uint8Array(1), async ({ near, far }) => {
        const bytes = Uint8Array.of(1, 2, 3);
        const written = near.transport.write(bytes);
        bytes.fill(9);
        await written;
        await far?.until(() => far.length >= 3);
        if (far !== undefined) assert.deepEqual(far.received, Uint8Array.of(1, 2, 3));
      }),
    );

    test('paused, nothing is delivered; resumed, nothing is missing', { skip }, () => {
      const sent = pattern(300_000);
      return withPipe(sent, async ({ near, far }) => {
        near.transport.pause();
        void far?.transport.write(sent);
        for (let i = 0; i < 20; i++) await nextTurn();
        assert.equal(near.length, 0);
        near.transport.resume();
        await near.until(() => near.length >= sent.length);
        assert.deepEqual(near.received, sent);
      });
    });

    test('an open pipe answers a probe, a closed one does not', { skip }, () =>
      withPipe(pattern(2000), async ({ near }) => {
        near.transport.pause();
        await near.transport.probe();
        await near.transport.close();
        await assert.rejects(near.transport.probe(), TransportError);
      }),
    );

    test('closing twice closes once, and writing afterwards does no harm', { skip }, () =>
      withPipe(pattern(2000), async ({ near }) => {
        await near.transport.close();
        await near.transport.close();
        assert.deepEqual(near.closings, [undefined]);
        const held = near.length;
        await near.transport.write(pattern(10));
        for (let i = 0; i < 20; i++) await nextTurn();
        assert.equal(near.length, held);
        assert.equal(near.closings.length, 1);
      }),
    );

    test('an end on the far side is told once, or found by a probe', { skip }, () =>
      withPipe(pattern(1000), async ({ near, far, hangUp }) => {
        void far?.transport.write(pattern(1000));
        await near.until(() => near.length === 1000);
        await hangUp();
        while (near.closings.length === 0 && (await alive(near))) await nextTurn();
        await near.transport.close();
        assert.equal(near.closings.length, 1);
      }),
    );

    test('a transport is opened once', { skip }, () =>
      withPipe(new Uint8Array(1), async ({ near }) => {
        await assert.rejects(new End(near.transport).open(), /opened once|closed before/);
      }),
    );

    test('closed before it is opened, it does not open', { skip }, async () => {
      const end = new End(kind.unopened());
      await end.transport.close();
      await assert.rejects(end.open(), { name: 'TransportError', code: 'ECANCELED' });
      assert.deepEqual(end.closings, []);
    });

    const { nowhere } = kind;
    if (nowhere !== undefined) {
      test('nothing at the other end: refused with a code and a remedy, not closed', { skip }, async () => {
        const end = new End(nowhere.make());
        await assert.rejects(end.open(), (error: TransportError) => {
          assert.equal(error.code, nowhere.code);
          assert.match(error.message, /: .*(start|plug|check)/);
          return true;
        });
        await end.transport.close();
        assert.deepEqual(end.closings, []);
      });

      test('closed while it opens, it does not stay open', { skip }, async () => {
        const end = new End(nowhere.make());
        const opening = end.open();
        await end.transport.close();
        await assert.rejects(opening, TransportError);
        assert.deepEqual(end.closings, []);
      });
    }
  });
}

function alive(end: End): Promise<boolean> {
  return end.transport.probe().then(
    () => true,
    () => false,
  );
}
