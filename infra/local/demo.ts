import { runAsProcess, runCommand } from '../command/run-command.ts';
import { runDemo } from './demo/run.ts';
import { notSimulatedAt, notSimulatedWith } from './demo/simulated.ts';
import { demoCommand, readOptions } from './options.ts';
import { StartError } from './start-error.ts';
import { type LocalSystem, startLocalSystem } from './system.ts';

/** `npm run demo`: against the system that is running at PORT and CONSOLE_PORT, or a fresh one. */

const print = (line: string) => console.log(line);
let system: LocalSystem | undefined;

async function end(code: number): Promise<never> {
  await system?.stop();
  process.exit(code);
}

async function isRunning(consoleUrl: string): Promise<boolean> {
  return fetch(`${consoleUrl}/simulator/payments`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** @returns the exit code */
async function demonstrate(): Promise<0 | 1 | 2> {
  const options = await readOptions(process.env);
  const running = {
    url: `http://127.0.0.1:${options.port}`,
    consoleUrl: `http://127.0.0.1:${options.consolePort}`,
  };
  if (await isRunning(running.consoleUrl)) {
    return refuse(await notSimulatedAt(running.consoleUrl)) ?? told(await runDemo({ ...running, print }));
  }
  const refused = refuse(notSimulatedWith(options.documents));
  if (refused) return refused;
  print('Nothing is running there: starting a system for the demonstration.');
  system = await startLocalSystem({ ...options, log: () => {} });
  return told(await Promise.race([runDemo({ ...system, print }), system.crashed]));
}

/** Some of it would wait for minutes for what never comes. */
function refuse(notSimulated: readonly string[]): 2 | null {
  if (notSimulated.length === 0) return null;
  const why = 'SETTLE_SECRETS_FILE has a document of your own for it, or null';
  console.error(
    `settle: the demonstration drives what is simulated, and not ${notSimulated.join(', ')}: ${why}`,
  );
  return 2;
}

function told(differences: number): 0 | 1 {
  print(differences === 0 ? '\nEverything came as expected.' : `\n${differences} steps differ.`);
  return differences === 0 ? 0 : 1;
}

async function show(): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(1));
  try {
    return await end(await demonstrate());
  } catch (error) {
    console.error(error instanceof StartError ? `settle: ${error.message}` : error);
    return end(1);
  }
}

await runAsProcess((words, streams) => runCommand(demoCommand, words, streams, show));
