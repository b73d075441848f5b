import { describe, expect, it } from 'vitest';
import { endpoints, routesOf, type ServiceEndpointName } from '../../infra/endpoints.ts';
import { readStage, type StageSettings, stages } from '../../infra/stages.ts';

const settings: StageSettings = {
  protected: false,
  logRetentionDays: 14,
  throttling: { default: { requestsPerSecond: 1, burst: 1 } },
  alarms: {},
  rollout: 'AllAtOnce',
  reserveSweep: false,
};

/** As if somebody had edited the table. */
const readWith = (changes: object) => () => readStage('mine', { mine: { ...settings, ...changes } });

const signInWith = (changes: object) => ({
  console: { signIn: { issuer: 'https://login.example.com', clientId: 'settle-console', ...changes } },
});

describe('readStage', () => {
  it('reads every stage of the table', () => {
    for (const [name, entry] of Object.entries(stages)) expect(readStage(name)).toEqual({ ...entry, name });
  });

  it("gives a developer's own stage the settings of dev, and its own name", () => {
    expect(readStage('alice')).toEqual({ ...readStage('dev'), name: 'alice' });
    expect(readStage('constructor')).toEqual({ ...readStage('dev'), name: 'constructor' });
  });

  it('takes all that a stage can have', () => {
    const all = {
      region: 'cn-northwest-1',
      throttling: {
        default: { requestsPerSecond: 1, burst: 1 },
        routes: { checkout: { requestsPerSecond: 2, burst: 3 } },
      },
      alarms: {
        topicArn: 'arn:aws-cn:sns:cn-northwest-1:123456789012:on-call',
        email: 'on-call@example.com',
      },
      domain: {
        name: 'pay.example.com',
        certificateArn: 'arn:aws-cn:acm:cn-northwest-1:123456789012:certificate/1b4d',
      },
      orderPrefix: 'a1',
      secretsKey: 'arn:aws-cn:kms:cn-northwest-1:123456789012:key/1b4d-2c',
      returnHosts: ['shop.example.com', 'm.example.com'],
      shipping: { withinHours: 48, mealPickup: true },
      webhooks: true,
      console: {
        signIn: {
          issuer: 'https://login.example.com:8443/realms/settle',
          clientId: 'settle-console',
          scope: 'openid https://api.example.com/pay',
          origins: ['https://keys.example.com'],
        },
      },
    };
    expect(readWith(all)()).toEqual({ ...settings, ...all, name: 'mine' });
  });

  it.each([
    [{ region: 'Frankfurt' }, 'region'],
    [{ protected: 'no' }, 'protected'],
    [{ logRetentionDays: 15 }, 'logRetentionDays'],
    [{ throttling: { default: { requestsPerSecond: 0, burst: 1 } } }, 'throttling.default.requestsPerSecond'],
    [{ throttling: { default: { requestsPerSecond: 1, burst: 0.5 } } }, 'throttling.default.burst'],
    [{ throttling: { ...settings.throttling, routes: { checkin: {} } } }, 'throttling.routes.*checkin'],
    // Its route is in another stack than the limits.
    [
      {
        throttling: {
          ...settings.throttling,
          routes: { 'list-webhooks': { requestsPerSecond: 1, burst: 1 } },
        },
      },
      'throttling.routes.*list-webhooks',
    ],
    [{ webhooks: 'yes' }, 'webhooks'],
    [{ console: true }, 'console'],
    [{ console: { title: 'Settle' } }, 'console.*title'],
    [signInWith({ issuer: 'http://login.example.com' }), 'console.signIn.issuer: must be an https address'],
    [signInWith({ issuer: "https://login.example.com; script-src 'none'" }), 'console.signIn.issuer'],
    [signInWith({ issuer: 'https://login.example.com?tenant=1' }), 'console.signIn.issuer'],
    [signInWith({ clientId: '' }), 'console.signIn.clientId'],
    [signInWith({ clientId: undefined }), 'console.signIn.clientId'],
    [signInWith({ scope: ' openid' }), 'console.signIn.scope'],
    [signInWith({ origins: ['https://keys.example.com/'] }), 'console.signIn.origins.0: must be an origin'],
    [signInWith({ origins: ['*'] }), 'console.signIn.origins.0'],
    [{ alarms: { topicArn: 'on-call' } }, 'alarms.topicArn'],
    [{ alarms: { email: 'on-call' } }, 'alarms.email'],
    [{ rollout: 'Slowly' }, 'rollout'],
    [{ reserveSweep: 1 }, 'reserveSweep'],
    [{ domain: { name: 'https://pay.example.com', certificateArn: '' } }, 'domain.name'],
    [{ domain: { name: 'pay.example.com' } }, 'domain.certificateArn'],
    [
      {
        region: 'eu-west-1',
        domain: {
          name: 'pay.example.com',
          certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
        },
      },
      'domain.certificateArn: must be in the region of the stage',
    ],
    [
      { region: 'eu-west-1', alarms: { topicArn: 'arn:aws:sns:us-east-1:123456789012:on-call' } },
      'alarms.topicArn: must be in the region of the stage',
    ],
    [{ orderPrefix: 'AB' }, 'orderPrefix'],
    // With the number of a 99th payment, WeChat Pay takes no longer one.
    [{ orderPrefix: 'abc' }, 'orderPrefix'],
    [{ orderPrefix: '' }, 'orderPrefix'],
    [{ secretsKey: 'alias/settle' }, 'secretsKey: must be the ARN of a KMS key'],
    [{ secretsKey: 'arn:aws:kms:eu-central-1:123456789012:alias/settle' }, 'secretsKey: must be the ARN'],
    [
      { region: 'eu-central-1', secretsKey: 'arn:aws:kms:us-east-1:123456789012:key/1b4d' },
      'secretsKey: must be in the region of the stage',
    ],
    [{ returnHosts: 'shop.example.com' }, 'returnHosts'],
    [{ returnHosts: ['https://shop.example.com'] }, 'returnHosts.0: must be a host name'],
    [{ returnHosts: ['shop.example.com', 'Shop.example.com'] }, 'returnHosts.1'],
    [{ shipping: {} }, 'shipping.withinHours'],
    [{ shipping: { withinHours: 0, mealPickup: false } }, 'shipping.withinHours: must be a whole number'],
    [{ shipping: { withinHours: 1000, mealPickup: false } }, 'shipping.withinHours'],
    [{ shipping: { withinHours: 1.5, mealPickup: false } }, 'shipping.withinHours'],
    [{ shipping: { withinHours: 48 } }, 'shipping.mealPickup'],
    [{ shipping: { withinHours: 48, mealPickup: false, courier: 'SF' } }, 'shipping.*courier'],
    [{ colour: 'red' }, 'colour'],
  ])('refuses %j and names the field', (changes, field) => {
    expect(readWith(changes)).toThrow(new RegExp(`^stage mine: .*${field}`));
  });

  it.each([
    '',
    'Prod',
    '1st',
    'a_b',
    'my stage',
    'dev-data',
    'dev-webhooks',
    'dev-deliveries',
    'dev-console',
    '__proto__',
    'a'.repeat(21),
  ])('refuses %j as a name of stacks and secrets', (name) => {
    expect(() => readStage(name)).toThrow(`stage ${JSON.stringify(name)}: must be`);
  });
});

it('lets no stage make more executions at once than an account has', () => {
  const { local: _deployedNowhere, ...deployed } = stages;
  for (const { throttling, webhooks } of Object.values(deployed)) {
    const reached = endpoints.filter(({ stack }) => stack === undefined || webhooks);
    const bursts = reached.flatMap((endpoint) =>
      routesOf(endpoint).map(
        () => (throttling.routes?.[endpoint.name as ServiceEndpointName] ?? throttling.default).burst,
      ),
    );
    expect(bursts.reduce((sum, burst) => sum + burst, 0)).toBeLessThan(1_000);
  }
});
