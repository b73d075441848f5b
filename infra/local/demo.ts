import { runAsProcess, runCommand } from '../command/run-command.ts';
import { runDemo } from './demo/run.ts';
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

async function demonstrate(): Promise<number> {
  const options = await readOptions(process.env);
  const running = {
    url: `http://127.0.0.1:${options.port}`,
    consoleUrl: `http://127.0.0.1:${options.consolePort}`,
  };
  if (await isRunning(running.consoleUrl)) return runDemo({ ...running, print });
  print('Nothing is running there: starting a system for the demonstration.');
  system = await startLocalSystem({ ...options, log: () => {} });
  return Promise.race([runDemo({ ...system, print }), system.crashed]);
}

async function show(): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(1));
  try {
    const differences = await demonstrate();
    print(differences === 0 ? '\nEverything came as expected.' : `\n${differences} steps differ.`);
    return await end(differences === 0 ? 0 : 1);
  } catch (error) {
    console.error(error instanceof StartError ? `settle: ${error.message}` : error);
    return end(1);
  }
}

await runAsProcess((words, streams) => runCommand(demoCommand, words, streams, show));
