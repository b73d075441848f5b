import type { Command } from '../command/command.ts';
import { readSecretsFile } from './secrets-file.ts';
import { StartError } from './start-error.ts';
import type { LocalSystemOptions } from './system.ts';

const variables = {
  PORT: 'the API (default: 3000; 0 for any that is free)',
  CONSOLE_PORT: 'the laboratory and the simulators of the providers (default: 3001; 0 for any that is free)',
  SETTLE_SECRETS_FILE: 'a JSON file of documents, in place of those that are made',
  SETTLE_DATA_FILE: 'keeps the tables in this file (default: in memory)',
  AWS_ENDPOINT_URL_DYNAMODB: 'another DynamoDB, in place of the embedded one',
  LOG: 'json for the lines as CloudWatch gets them, in place of readable ones',
} as const;

export const startCommand: Command<Record<never, never>> = {
  name: 'start',
  call: 'npm start',
  summary: 'Runs the whole system on this machine, with simulators of all providers, until Ctrl-C.',
  options: {},
  variables,
  exitCodes: {
    0: 'it was told to end',
    1: 'it could not start, or a part of it crashed',
    2: 'it was called wrongly',
  },
  example: '',
};

export const demoCommand: Command<Record<never, never>> = {
  name: 'demo',
  summary: 'Sends payments, repeats, forgeries and refunds through a system, and says what came of each.',
  options: {},
  variables: {
    ...variables,
    PORT: 'the API of a system that runs already, or of one of its own (default: 3000)',
    SETTLE_SECRETS_FILE:
      "a JSON file of tenants and merchants of before; with a document of the stage's it ends, as nothing simulates that",
  },
  exitCodes: {
    0: 'everything came as expected',
    1: 'a step differs, or no system could be started',
    2: 'it was called wrongly, or what it drives is not simulated',
  },
  example: '',
};

/** What the environment asks for. @throws StartError naming the variable that is wrong */
export async function readOptions(variables: NodeJS.ProcessEnv): Promise<Omit<LocalSystemOptions, 'log'>> {
  const { SETTLE_SECRETS_FILE, SETTLE_DATA_FILE, AWS_ENDPOINT_URL_DYNAMODB } = variables;
  return {
    port: readPort(variables, 'PORT', 3000),
    consolePort: readPort(variables, 'CONSOLE_PORT', 3001),
    documents: SETTLE_SECRETS_FILE ? await readSecretsFile(SETTLE_SECRETS_FILE) : undefined,
    dataFile: SETTLE_DATA_FILE || undefined,
    dynamodbEndpoint: AWS_ENDPOINT_URL_DYNAMODB || undefined,
  };
}

function readPort(variables: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = variables[name];
  if (!text) return fallback;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new StartError(`${name} must be a port number from 0 to 65535`);
  return port;
}
