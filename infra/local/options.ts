import { readSecretsFile } from './secrets-file.ts';
import { StartError } from './start-error.ts';
import type { LocalSystemOptions } from './system.ts';

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
