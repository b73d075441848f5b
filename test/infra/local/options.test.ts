import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../infra/local/options.ts';

describe('readOptions', () => {
  it('has defaults for everything', async () => {
    expect(await readOptions({})).toEqual({
      port: 3000,
      consolePort: 3001,
      documents: undefined,
      dataFile: undefined,
      dynamodbEndpoint: undefined,
    });
  });

  it('takes what the environment names, and an empty text as nothing', async () => {
    const named = { PORT: '0', CONSOLE_PORT: '65535', SETTLE_DATA_FILE: 'a.db', SETTLE_SECRETS_FILE: '' };
    expect(await readOptions({ ...named, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' })).toMatchObject(
      {
        port: 0,
        consolePort: 65_535,
        documents: undefined,
        dataFile: 'a.db',
        dynamodbEndpoint: 'http://127.0.0.1:8000',
      },
    );
  });

  it.each(['65536', '-1', '3000.5', '0x10', 'http', ' 80'])(
    'refuses %j as a port, naming it',
    async (text) => {
      await expect(readOptions({ CONSOLE_PORT: text })).rejects.toThrow('CONSOLE_PORT must be a port number');
    },
  );
});
