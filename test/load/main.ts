import { randomInt } from 'node:crypto';
import {
  type Command,
  type CommandOptions,
  type OptionValues,
  UsageError,
} from '../../infra/command/command.ts';
import { runAsProcess, runCommand } from '../../infra/command/run-command.ts';
import { type LoadOptions, runLoad } from './load.ts';

const options = {
  seconds: { type: 'string', value: '<n>', default: '30', description: 'how long, at most 3600' },
  rate: { type: 'string', value: '<n>', default: '100', description: 'callbacks a second, at most 5000' },
  seed: { type: 'string', value: '<n>', description: 'makes the same callbacks again; any without it' },
} as const satisfies CommandOptions;

const command: Command<typeof options> = {
  name: 'load',
  summary: 'Sends callbacks to a system of its own at an even rate, a tenth repeated and a tenth forged.',
  options,
  tellsStack: true,
  exitCodes: {
    0: 'all were answered as they should be, and the books are right',
    1: 'they were not',
    2: 'it was called wrongly, or could not run',
  },
  example: '-- --rate 100 --seconds 60',
};

/** @throws UsageError */
function readArguments({ seconds, rate, seed }: OptionValues<typeof options>): LoadOptions {
  return {
    seconds: readNumber('seconds', seconds, 3_600),
    rate: readNumber('rate', rate, 5_000),
    seed: seed === undefined ? randomInt(2 ** 31) : readSeed(seed),
  };
}

function readNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (number > 0 && number <= most) return number;
  throw new UsageError(`--${option} must be a number above 0 and up to ${most}`);
}

function readSeed(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new UsageError('--seed must be a whole number');
}

async function load({ seconds, rate, seed }: LoadOptions): Promise<0 | 1> {
  console.log(`seed ${seed}: ${rate} callbacks a second for ${seconds} s`);
  const showProgress = process.stdout.isTTY
    ? (line: string) => process.stdout.write(`\r\x1b[K${line}`)
    : (line: string) => console.log(line);
  const report = await runLoad({ seed, rate, seconds, onProgress: showProgress });
  if (process.stdout.isTTY) console.log();

  const rounded = ([kind, latency]: readonly [string, object]) => [
    kind,
    Object.fromEntries(
      Object.entries(latency).map(([mark, time]) => [`${mark} ms`, Number(time.toFixed(1))]),
    ),
  ];
  console.table(Object.fromEntries(Object.entries(report.latency).map(rounded)));
  const { genuine, duplicate, forged } = report.sent;
  console.log(
    `${genuine} genuine, ${duplicate} repeated, ${forged} forged: ${report.rate.toFixed(1)} a second`,
  );
  console.log(`${report.owed} of them are still to be announced`);
  for (const [error, count] of Object.entries(report.errors)) console.error(`${count} × ${error}`);
  for (const what of report.wrong.slice(0, 20)) console.error(`wrong: ${what}`);
  console.log(
    report.wrong.length === 0 ? 'The books are right.' : `${report.wrong.length} things are wrong.`,
  );
  return report.wrong.length === 0 && Object.keys(report.errors).length === 0 ? 0 : 1;
}

/** `npm run load` */
await runAsProcess((words, streams) =>
  runCommand(command, words, streams, async (values) => load(readArguments(values))),
);
