/**
 * `npm run simulate -- --seeds A..B [--json] [--mutation NAME]`: runs the schedules of these seeds and says what it saw.
 * Exit status 0 if all ended right, 1 if one did not.
 */
import { parseArgs } from 'node:util';
import { mutate } from './mutations/mutate.ts';
import { standIn } from './world/stand-in.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..300' },
    json: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    mutation: { type: 'string' },
  },
});

if (values.mutation !== undefined) mutate(values.mutation);
standIn();
const { simulate } = await import('./schedule/simulate.ts');
process.exitCode = await simulate(values);
