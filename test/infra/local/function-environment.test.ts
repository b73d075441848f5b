import { describe, expect, it } from 'vitest';
import { functions } from '../../../infra/endpoints.ts';
import { functionEnvironment } from '../../../infra/local/function-environment.ts';
import { readEnvironment } from '../../../lib/config/environment.ts';

const addresses = {
  publicUrl: 'http://127.0.0.1:3000',
  consoleUrl: 'http://127.0.0.1:3001',
  signIn: { issuer: 'http://127.0.0.1:3001/issuer', clientId: 'console' },
  dynamodbEndpoint: 'http://127.0.0.1:1',
  secretsManagerEndpoint: 'http://127.0.0.1:2',
  eventBridgeEndpoint: 'http://127.0.0.1:4',
  queueUrl: 'http://127.0.0.1:3/days',
  webhookQueueUrl: 'http://127.0.0.1:3/deliveries',
  tableName: 'settle-local',
  deliveriesTable: 'settle-local-deliveries',
  busName: 'settle-local',
  stage: 'local',
};

function variablesOf(name: string) {
  const definition = functions.find((candidate) => candidate.name === name);
  if (!definition) throw new Error(`no function named ${name}`);
  return functionEnvironment(definition, addresses);
}

/** As the function of this name reads it. */
const environmentOf = (name: string) => readEnvironment(variablesOf(name));

describe('a local function', () => {
  it('that checks out lets a payer come back to this machine alone', () => {
    expect(environmentOf('checkout').returnHosts).toEqual(['127.0.0.1', 'localhost']);
  });

  it('that looks after paid orders tells WeChat of them within a day, and of meals by itself', () => {
    expect(environmentOf('sweep').shipping).toEqual({ withinHours: 24, mealPickup: true });
  });

  it('is told nothing that it has no use for', () => {
    expect(environmentOf('get-order')).toMatchObject({ returnHosts: [], shipping: null });
  });

  it('that serves the console is told where to sign in and where the laboratory is, as no other is', () => {
    const told = {
      LABORATORY_URL: 'http://127.0.0.1:3001',
      SIGN_IN_ISSUER: 'http://127.0.0.1:3001/issuer',
      SIGN_IN_CLIENT_ID: 'console',
    };
    expect(variablesOf('serve-console')).toMatchObject(told);
    for (const name of Object.keys(told)) expect(variablesOf('get-order')).not.toHaveProperty(name);
  });

  it('that publishes events is told of the bus, and of no queue', () => {
    expect(variablesOf('publish-events')).toMatchObject({
      EVENT_BUS_NAME: 'settle-local',
      AWS_ENDPOINT_URL_EVENTBRIDGE: 'http://127.0.0.1:4',
    });
    expect(Object.keys(variablesOf('publish-events')).filter((name) => /QUEUE|SQS/.test(name))).toEqual([]);
  });

  it('that delivers webhooks finds its table and its queue, and may reach a shop on this machine', () => {
    expect(variablesOf('deliver-webhook')).toMatchObject({
      DELIVERIES_TABLE: 'settle-local-deliveries',
      WEBHOOK_QUEUE_URL: 'http://127.0.0.1:3/deliveries',
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:3',
      WEBHOOK_LOOPBACK: 'allowed',
    });
    expect(variablesOf('deliver-webhook')).not.toHaveProperty('QUEUE_URL');
    expect(variablesOf('notify-wecom')).not.toHaveProperty('WEBHOOK_LOOPBACK');
  });
});
