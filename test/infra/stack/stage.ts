import type { Stage } from '../../../infra/stages.ts';

/** A stage of the tests' own, so that nobody's settings decide about them. */
export const testStage: Stage = {
  name: 'test',
  region: 'eu-central-1',
  protected: true,
  logRetentionDays: 30,
  throttling: {
    default: { requestsPerSecond: 7, burst: 8 },
    routes: {
      'wechat-notify': { requestsPerSecond: 70, burst: 80 },
      'stripe-callback': { requestsPerSecond: 50, burst: 60 },
    },
  },
  alarms: { email: 'on-call@example.com' },
  rollout: 'Canary10Percent10Minutes',
  reserveSweep: true,
};

/** With all that a stage can have. */
export const fullStage: Stage = {
  ...testStage,
  name: 'full',
  domain: {
    name: 'pay.example.com',
    certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1b4d1b4d-1b4d-1b4d-1b4d-1b4d1b4d1b4d',
  },
  orderPrefix: 't1',
  returnHosts: ['shop.example.com', 'm.example.com'],
  shipping: { withinHours: 48, mealPickup: true },
  webhooks: true,
  console: {
    signIn: {
      issuer: 'https://login.example.com/realms/settle',
      clientId: 'settle-console',
      scope: 'openid pay',
      origins: ['https://keys.example.com', 'https://tokens.example.com'],
    },
  },
};

/** The same in China. */
export const chinaStage: Stage = {
  ...testStage,
  name: 'china',
  region: 'cn-north-1',
  domain: {
    name: 'pay.example.cn',
    certificateArn: 'arn:aws-cn:acm:cn-north-1:123456789012:certificate/1b4d1b4d-1b4d-1b4d-1b4d-1b4d1b4d1b4d',
  },
  webhooks: true,
  console: {},
};
