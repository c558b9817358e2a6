import { setTimeout as pause } from 'node:timers/promises';
import { type Cleanup, withCleanup } from '../support/cleanup.js';
import type { Program } from '../support/menu.js';
import { Mosquitto } from '../support/mosquitto.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { assertKept, positive } from '../support/promises.js';
import { Rival, turns } from '../support/rivals.js';

/** A process that has run so long without a broker waits in silence, where a young one is refused. */
const grownUpMs = 31_000;
/** It is looked every 10 s whether the edge is free; the rest is for connections. */
const takeoverMs = 20_000;

export const drill: Program = {
  name: 'two-edges',
  about: 'processes of one edge id at one Mosquitto, and crashes of the one that serves [rounds, default 3]',
  run: ([rounds = '3']) =>
    withCleanup(async (cleanup) => {
      const count = positive('rounds', rounds);
      const refused = { collisions_refused: 0, restarts: 0, two_different_ids_ok: 0 };
      const figures = { ...refused, takeovers: 0, takeover_ms_max: 0, messages_mixed: 0 };
      for (let round = 1; round <= count; round++) {
        const mosquitto = await Mosquitto.start(cleanup);
        await collide(`e${round}`, mosquitto, cleanup, figures);
        await mosquitto.kill();
        await takeOver(`e${round}`, mosquitto, cleanup, figures);
        console.error(`two-edges: ${round} of ${count} rounds`);
      }
      assertKept(figures, {
        'every second process is refused': figures.collisions_refused === count,
        'every restart after a crash serves': figures.restarts === count,
        'another id is nobody’s business': figures.two_different_ids_ok === count,
        'a silent process takes over': figures.takeovers === count,
        'no edge speaks with two voices': figures.messages_mixed === 0,
      });
      return figures;
    }),
};

type Count = Record<
  | 'collisions_refused'
  | 'restarts'
  | 'two_different_ids_ok'
  | 'takeovers'
  | 'takeover_ms_max'
  | 'messages_mixed',
  number
>;

function starter(mosquitto: Mosquitto, cleanup: Cleanup): (edge: string) => Rival {
  return (edge) => {
    const rival = new Rival(edge, mosquitto.url);
    cleanup.after(() => rival.end('SIGKILL'));
    return rival;
  };
}

function witnessOf(mosquitto: Mosquitto, cleanup: Cleanup): Promise<MqttSpy> {
  return MqttSpy.connect(cleanup, mosquitto.url, '#', { protocolVersion: 5 });
}

/** A second process comes, the first crashes and comes again, and one of another id comes. */
async function collide(edge: string, mosquitto: Mosquitto, cleanup: Cleanup, figures: Count): Promise<void> {
  const start = starter(mosquitto, cleanup);
  const witness = await witnessOf(mosquitto, cleanup);
  const first = start(edge);
  const sessions = [await first.up()];
  if ((await start(edge).ended()) === 1) figures.collisions_refused++;
  await first.end('SIGKILL');
  const heir = start(edge);
  sessions.push(await heir.up());
  await witness.next(({ json }) => json['session'] === sessions[1], 'the restart');
  figures.restarts++;
  const other = start(`${edge}-other`);
  const stranger = await other.up();
  await witness.next(({ json }) => json['session'] === stranger, 'the other edge');
  figures.two_different_ids_ok++;
  figures.messages_mixed += mixed(turns(witness, edge), sessions);
  for (const rival of [heir, other]) await rival.end('SIGTERM');
}

/** Two run when their broker comes back; the one that serves crashes. */
async function takeOver(edge: string, mosquitto: Mosquitto, cleanup: Cleanup, figures: Count): Promise<void> {
  const start = starter(mosquitto, cleanup);
  const two = [start(edge), start(edge)];
  const sessions = await Promise.all(two.map((rival) => rival.up()));
  await pause(grownUpMs);
  await mosquitto.restart();
  const witness = await witnessOf(mosquitto, cleanup);
  const serving = String((await witness.status('ready')).json['session']);
  const [leader, silent] = serving === sessions[0] ? two : [two[1], two[0]];
  await silent!.line(/this one is silent/);
  const killed = performance.now();
  await leader!.end('SIGKILL');
  const heir = sessions.find((session) => session !== serving)!;
  await witness.next(({ json }) => json['session'] === heir, 'the take-over', takeoverMs);
  figures.takeovers++;
  figures.takeover_ms_max = Math.max(figures.takeover_ms_max, Math.round(performance.now() - killed));
  figures.messages_mixed += mixed(turns(witness, edge), [serving, heir]);
  await silent!.end('SIGTERM');
}

/** Turns that are not those expected. */
function mixed(heard: readonly string[], expected: readonly string[]): number {
  return heard.filter((session, i) => session !== expected[i]).length;
}
