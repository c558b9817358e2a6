/**
 * fast-check with a fixed seed, so that a run of the tests is the same each time. To look further:
 *
 *   WHORL_TEST_SEED=$RANDOM npm test -- property
 */
import * as fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['WHORL_TEST_SEED'] ?? 1) });

export * from 'fast-check';
