import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { documentNames, type ReadableDocuments } from '../../../../infra/endpoints.ts';
import { type SecretsManager, startSecretsManager } from '../../../../infra/local/secrets-manager.ts';
import { type FakeAws, startFakeAws } from './fake-aws.ts';

type Documents = Readonly<Record<string, unknown>>;

const everything: readonly ReadableDocuments[] = [...documentNames, 'former', 'tenants'];

/** What an operator has, for the tests of one file: stacks, documents and a folder, all of them anew for each test. */
export function useOperator(documents: Documents = {}) {
  let aws: FakeAws | undefined;
  let secrets: SecretsManager | undefined;
  let folder = '';

  /** What is stored, and which of it may be read; all may be written. */
  async function hold(initial: Documents, readable = everything): Promise<void> {
    await secrets?.stop();
    const functions = [{ name: 'operator', documents: readable }];
    secrets = await startSecretsManager({ stage: 'test', documents: initial, functions, writer: 'operator' });
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = secrets.url;
  }

  beforeAll(async () => {
    aws = await startFakeAws();
    Object.assign(process.env, aws.environment, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    // A test with a table of its own has named it.
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] ??= aws.dynamodbEndpoint;
  });
  afterAll(() => aws?.stop());
  beforeEach(async () => {
    aws?.stacks.clear();
    aws?.tables.clear();
    folder = mkdtempSync(join(tmpdir(), 'setup-test-'));
    await hold(documents);
    return async () => {
      rmSync(folder, { recursive: true });
      await secrets?.stop();
    };
  });

  return {
    hold,
    get stacks(): FakeAws['stacks'] {
      if (!aws) throw new Error('it is there only while tests run');
      return aws.stacks;
    },
    get tables(): FakeAws['tables'] {
      if (!aws) throw new Error('it is there only while tests run');
      return aws.tables;
    },
    get folder(): string {
      return folder;
    },
    /** Writes a file into the folder. @returns its path */
    file(name: string, content: unknown): string {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    /** What can be read; null for what was deleted, too. */
    async stored(name: string): Promise<Record<string, unknown> | null> {
      try {
        const command = new GetSecretValueCommand({ SecretId: `settle/test/${name}` });
        const { SecretString = '' } = await new SecretsManagerClient().send(command);
        return JSON.parse(SecretString);
      } catch {
        return null;
      }
    },
  };
}
