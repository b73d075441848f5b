import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runLoad } from './load.ts';

/** `npm run load -- --seconds N --rate M`: callbacks at an even rate, a tenth repeated and a tenth forged. */

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, rate: { type: 'string' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds ?? 30);
const rate = Number(values.rate ?? 100);
const seed = Number(values.seed ?? randomInt(2 ** 31));
const isWithin = (value: number, most: number) => value > 0 && value <= most;
if (!isWithin(seconds, 3_600) || !isWithin(rate, 5_000) || !Number.isSafeInteger(seed)) {
  console.error('load: --seconds is at most 3600, --rate at most 5000 a second, --seed an integer');
  process.exit(2);
}

console.log(`seed ${seed}: ${rate} callbacks a second for ${seconds} s`);
const showProgress = process.stdout.isTTY
  ? (line: string) => process.stdout.write(`\r\x1b[K${line}`)
  : (line: string) => console.log(line);
const report = await runLoad({ seed, rate, seconds, onProgress: showProgress });
if (process.stdout.isTTY) console.log();

const rounded = ([kind, latency]: readonly [string, object]) => [
  kind,
  Object.fromEntries(Object.entries(latency).map(([mark, time]) => [`${mark} ms`, Number(time.toFixed(1))])),
];
console.table(Object.fromEntries(Object.entries(report.latency).map(rounded)));
const { genuine, duplicate, forged } = report.sent;
console.log(
  `${genuine} genuine, ${duplicate} repeated, ${forged} forged: ${report.rate.toFixed(1)} a second`,
);
console.log(`${report.owed} of them are still to be announced`);
for (const [error, count] of Object.entries(report.errors)) console.error(`${count} × ${error}`);
for (const what of report.wrong.slice(0, 20)) console.error(`wrong: ${what}`);
const isGood = report.wrong.length === 0 && Object.keys(report.errors).length === 0;
console.log(report.wrong.length === 0 ? 'The books are right.' : `${report.wrong.length} things are wrong.`);
process.exit(isGood ? 0 : 1);
