import { type Program, UsageError } from '../support/menu.js';
import { needs } from '../support/programs.js';
import { assertKept, type Figures, positive } from '../support/promises.js';
import { type ScaleTerms, scaleRun } from '../support/scale-run.js';

export const drill: Program = {
  name: 'scale-out',
  about:
    'a gateway and two workers on Mosquitto, one lost mid-way [contacts, 40] [speed, 0: fastest; default 1, then 0] [kill or halt]',
  async run([contacts = '40', speed, how = 'kill']) {
    if (how !== 'kill' && how !== 'halt') throw new UsageError(`'${how}' is neither kill nor halt`);
    const missing = needs('mosquitto');
    if (missing !== false) throw new Error(missing);
    const terms = {
      contacts: positive('contacts', contacts),
      killAt: 0.5,
      signal: how === 'halt' ? ('SIGSTOP' as const) : ('SIGKILL' as const),
    };
    if (speed !== undefined)
      return runOnce({ ...terms, speed: speed === '0' ? 0 : positive('speed', speed) });
    const paced = await runOnce({ ...terms, speed: 1 });
    const fastest = await runOnce({ ...terms, speed: 0 });
    return {
      ...paced,
      ...Object.fromEntries(Object.entries(fastest).map(([name, value]) => [`fastest_${name}`, value])),
    };
  },
};

/** At the pace of the recording a worker mostly waits; as fast as possible it has windows in hand when it is killed. */
async function runOnce(terms: ScaleTerms): Promise<Figures> {
  const { figures } = await scaleRun(terms);
  const { windows, answered, lost, resent, gaps, wrong } = figures as Record<string, number>;
  const pace = terms.speed === 0 ? 'as fast as possible' : `at ${terms.speed} times the pace`;
  console.log(
    `${pace}: ${answered} of ${windows} windows answered, ${lost} lost, ${gaps} gaps, ${wrong} wrong`,
  );
  assertKept(figures, {
    'all labels are those of an ordinary run': wrong === 0,
    'each window is answered or counted as lost': answered! + lost! === windows,
    ...(terms.signal === 'SIGSTOP' ? {} : { 'none is lost with a killed worker': lost === 0 && gaps === 0 }),
    ...(terms.speed === 0 ? { 'the worker had windows in hand': resent! > 0 } : {}),
  });
  return figures;
}
