/** What differs between stages. Edit the table at the end; `-c stage=<name>` picks from it. */

import * as z from 'zod/mini';
import { endpoints, inStack, type ServiceEndpointName } from './endpoints.ts';

export interface StageSettings {
  /** Where the stage is deployed, such as `eu-central-1` or `cn-north-1`. Without it, the region of the credentials. */
  readonly region?: string | undefined;
  /** For a stage that must not be lost: its data stack cannot be deleted, and its logs outlive its functions. */
  readonly protected: boolean;
  /** How long logs of functions and of the API are kept. */
  readonly logRetentionDays: LogRetentionDays;
  readonly throttling: Throttling;
  readonly alarms: AlarmTargets;
  /** How a new version of an endpoint's function takes over from the one before. */
  readonly rollout: Rollout;
  /**
   * Keeps one execution of the sweep out of the account's pool, so that it runs however busy the endpoints are, and
   * never twice at once. Lambda refuses this in an account whose limit is not above 100, as a new one's may be.
   * All else shares the pool: what is reserved for one function bounds it and is lost to the others, and what is
   * provisioned is paid for day and night to save a start that is far shorter than the 5 s that providers wait.
   */
  readonly reserveSweep: boolean;
  /** The API's own domain, in place of the address that API Gateway gives it. */
  readonly domain?: Domain | undefined;
  /** Begins every order number, where stages share a provider's merchant account: 1 or 2 of `a-z` and `0-9`. */
  readonly orderPrefix?: string | undefined;
  /** Hosts that a provider's page may lead back to where a checkout names an address. Without any, none may. */
  readonly returnHosts?: readonly string[] | undefined;
  /**
   * A KMS key of your own, by its ARN, that `setup` stores the documents under and functions may decrypt with. Without
   * one they are under the account's own for Secrets Manager.
   */
  readonly secretsKey?: string | undefined;
  /** For a mini-program whose orders WeChat manages: it keeps their money until it is told that they were sent. */
  readonly shipping?: Shipping | undefined;
  /**
   * Domain events on a bus of the stage and signed webhooks, in a stack of their own. Off without it, and then nothing
   * of it is deployed or paid for. Deliveries take 50 of the account's executions at most; the routes have the default
   * limit.
   */
  readonly webhooks?: boolean | undefined;
  /**
   * The console of the people who run the stage, and the reference of its API, at `/console` and `/docs`, in a stack of
   * their own. Off without it, and then nothing of it is deployed or paid for. `{}` has it without a sign-in: then one
   * pastes a token.
   */
  readonly console?: ConsoleSetting | undefined;
}

export interface ConsoleSetting {
  readonly signIn?: SignIn | undefined;
}

/** A public client, without a secret, at an OpenID provider whose access tokens the `auth` document takes. */
export interface SignIn {
  /** As its discovery document has it. */
  readonly issuer: string;
  readonly clientId: string;
  /** What is asked for, names with spaces between; `openid` without one. */
  readonly scope?: string | undefined;
  /** Where the provider answers besides under its issuer's origin: the page may ask nobody else. */
  readonly origins?: readonly string[] | undefined;
}

export interface Shipping {
  /** From the payment on; what WeChat has not been told of by then is an exception. */
  readonly withinHours: number;
  /** Meals are told of as fetched by their buyers as soon as they are paid. */
  readonly mealPickup: boolean;
}

export interface Throttling {
  /** For each route that `routes` does not name, and for those of webhooks; every route is counted by itself. */
  readonly default: RouteLimit;
  readonly routes?: Readonly<Partial<Record<ServiceEndpointName, RouteLimit>>> | undefined;
}

/** API Gateway's token bucket. What is over it is answered with 429, and providers send a callback again. */
export interface RouteLimit {
  readonly requestsPerSecond: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** Who is told of an alarm. Without either, alarms are only seen in CloudWatch. */
export interface AlarmTargets {
  /** A topic of your own, in the stage's region. */
  readonly topicArn?: string | undefined;
  /** Gets mail from a topic that the stack makes, once the address has confirmed it. */
  readonly email?: string | undefined;
}

export interface Domain {
  readonly name: string;
  /** Of AWS Certificate Manager, for that name, in the stage's region. */
  readonly certificateArn: string;
}

/** All at once, or a tenth of the traffic for so long and then the rest: CodeDeploy's own configurations. */
export type Rollout = (typeof rollouts)[number];

/** Those that CloudWatch Logs offers. */
export type LogRetentionDays = (typeof logRetentions)[number];

export interface Stage extends StageSettings {
  readonly name: string;
}

const rollouts = [
  'AllAtOnce',
  'Canary10Percent5Minutes',
  'Canary10Percent10Minutes',
  'Canary10Percent15Minutes',
  'Canary10Percent30Minutes',
] as const;

const logRetentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827] as const;

/** What the names of a stage's other stacks and tables end in. */
const taken = ['data', 'webhooks', 'deliveries', 'console'];

/** A part of stack, table, secret and alarm names. With one of those at its end it would name another stage's. */
const stageName = new RegExp(`^(?!.*-(${taken.join('|')})$)[a-z][a-z0-9-]{0,19}$`);

const hostName = /^([a-z0-9-]+\.)+[a-z]{2,}$/;

const matching = (pattern: RegExp, error: string) => z.string().check(z.regex(pattern, { error }));
const atLeastOne = { error: 'must be a whole number from 1' };
const hours = { error: 'must be a whole number of hours, 1 to 999' };
const count = z.int(atLeastOne).check(z.minimum(1, atLeastOne));
const routeLimit = z.strictObject({ requestsPerSecond: count, burst: count });

const routeLimits = z.optional(
  z.strictObject(Object.fromEntries(inStack(endpoints).map(({ name }) => [name, z.optional(routeLimit)]))),
);

const regionOf = (arn: string) => arn.split(':')[3];
const elsewhere = 'must be in the region of the stage';

const schema = z
  .strictObject({
    region: z.optional(matching(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'must be a region, such as eu-central-1')),
    protected: z.boolean(),
    logRetentionDays: z.literal(logRetentions),
    throttling: z.strictObject({ default: routeLimit, routes: routeLimits }),
    alarms: z.strictObject({
      topicArn: z.optional(
        matching(/^arn:aws[a-z-]*:sns:[^:]+:\d{12}:[^:]+$/, 'must be the ARN of an SNS topic'),
      ),
      email: z.optional(z.email()),
    }),
    rollout: z.enum(rollouts),
    reserveSweep: z.boolean(),
    domain: z.optional(
      z.strictObject({
        name: matching(hostName, 'must be a host name in lower case, such as pay.example.com'),
        certificateArn: matching(
          /^arn:aws[a-z-]*:acm:[^:]+:\d{12}:certificate\/.+$/,
          'must be the ARN of a certificate in AWS Certificate Manager',
        ),
      }),
    ),
    returnHosts: z.optional(
      z.array(matching(hostName, 'must be a host name in lower case, such as shop.example.com')),
    ),
    shipping: z.optional(
      z.strictObject({
        withinHours: z.int(hours).check(z.minimum(1, hours), z.maximum(999, hours)),
        mealPickup: z.boolean(),
      }),
    ),
    secretsKey: z.optional(
      matching(
        /^arn:aws[a-z-]*:kms:[^:]+:\d{12}:key\/[\w-]+$/,
        'must be the ARN of a KMS key, not of an alias, as a policy names it',
      ),
    ),
    orderPrefix: z.optional(matching(/^[a-z0-9]{1,2}$/, 'must be 1 or 2 of a-z and 0-9')),
    webhooks: z.optional(z.boolean()),
    console: z.optional(
      z.strictObject({
        signIn: z.optional(
          z.strictObject({
            issuer: matching(
              /^https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w.~%/-]*)?$/,
              'must be an https address without a query, such as https://login.example.com',
            ),
            clientId: matching(/^[\x21-\x7e]{1,255}$/, 'must be what the provider calls the client'),
            // RFC 6749, section 3.3.
            scope: z.optional(
              matching(
                /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
                'must be names with one space between',
              ),
            ),
            origins: z.optional(
              z.array(
                matching(
                  /^https:\/\/[a-z0-9.-]+(:\d+)?$/,
                  'must be an origin, such as https://keys.example.com',
                ),
              ),
            ),
          }),
        ),
      }),
    ),
  })
  .check(
    z.refine(({ region, domain }) => !region || !domain || regionOf(domain.certificateArn) === region, {
      path: ['domain', 'certificateArn'],
      error: elsewhere,
    }),
    z.refine(({ region, alarms }) => !region || !alarms.topicArn || regionOf(alarms.topicArn) === region, {
      path: ['alarms', 'topicArn'],
      error: elsewhere,
    }),
    z.refine(({ region, secretsKey }) => !region || !secretsKey || regionOf(secretsKey) === region, {
      path: ['secretsKey'],
      error: elsewhere,
    }),
  );

/**
 * The settings of a stage: those that the table names, or a developer's own with those of `dev`.
 * @throws Error naming the stage and the field that is wrong
 */
export function readStage(name: string, table: Readonly<Record<string, StageSettings>> = stages): Stage {
  if (!stageName.test(name)) {
    throw new Error(
      `stage ${JSON.stringify(name)}: must be 1 to 20 of a-z, 0-9 and "-", a letter first, none of -${taken.join(', -')} last`,
    );
  }
  const settings = Object.hasOwn(table, name) ? table[name] : dev;
  const result = schema.safeParse(settings, { error: z.locales.en().localeError });
  if (result.success) return { ...(result.data as StageSettings), name };
  const issue = result.error.issues[0];
  throw new Error(`stage ${name}: ${issue?.path.join('.') || 'settings'}: ${issue?.message}`);
}

/** For trying things out, and what a developer's own stage begins from. */
const dev: StageSettings = {
  protected: false,
  logRetentionDays: 14,
  throttling: { default: { requestsPerSecond: 20, burst: 30 } },
  alarms: {},
  rollout: 'AllAtOnce',
  reserveSweep: false,
};

/**
 * What requests a second and their time make in executions at once is the account's to bear: 1,000 unless it asked
 * for more. All routes at their bursts, each a cold start of a second, stay below that; the routes of people and
 * back offices get less than those of payers and providers, whose messages must come in when a sale begins.
 */
const busyRoute: RouteLimit = { requestsPerSecond: 300, burst: 75 };

const prod: StageSettings = {
  protected: true,
  // Until after a quarter's accounts: what a provider disputes later, the table answers.
  logRetentionDays: 90,
  throttling: {
    default: { requestsPerSecond: 50, burst: 15 },
    routes: {
      'put-shop-order': busyRoute,
      'pay-mall-order': busyRoute,
      'pay-meal-order': busyRoute,
      'wechat-notify': busyRoute,
      'wechat-callback': busyRoute,
      'alipay-callback': busyRoute,
      'stripe-callback': busyRoute,
      // A person looks at one at a time.
      'get-exception': { requestsPerSecond: 10, burst: 5 },
    },
  },
  alarms: {},
  rollout: 'Canary10Percent5Minutes',
  reserveSweep: true,
};

/** What `npm start` runs, and is deployed nowhere: with all that a stage can have. */
const local: StageSettings = { ...dev, webhooks: true, console: {} };

/** A stage of your own that needs more than `dev`: `alice: { ...dev, orderPrefix: 'al' }`. */
export const stages: Readonly<Record<string, StageSettings>> = { dev, prod, local };
