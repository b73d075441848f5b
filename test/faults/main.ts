import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runFaults } from './run.ts';

/** `npm run faults -- --seed N --minutes M`: real parts under faults, until the books are checked. */

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
const seed = Number(values.seed ?? randomInt(2 ** 31));
const minutes = Number(values.minutes ?? 5);
if (!Number.isSafeInteger(seed) || seed < 0 || !(minutes > 0 && minutes <= 24 * 60)) {
  console.error('faults: --seed is a number from 0, --minutes one from 0 to 1440');
  process.exit(2);
}

console.log(`seed ${seed}, ${minutes} min`);
const report = await runFaults({
  seed,
  duration_ms: minutes * 60_000,
  onProgress: (line) => console.log(line),
});
console.table(report.faults);
console.log(`${report.orders} orders, ${report.paid} paid, ${report.refunds} bookings of refunds`);
for (const what of report.wrong) console.error(`wrong: ${what}`);
console.log(
  report.wrong.length === 0 ? 'Every promise was kept.' : `Replay with --seed ${seed} --minutes ${minutes}`,
);
process.exit(report.wrong.length === 0 ? 0 : 1);
