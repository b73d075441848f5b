import { beforeAll, describe, expect, it } from 'vitest';
import { endpoints, functions } from '../../infra/endpoints.ts';
import { providers } from '../../lib/orders/kinds.ts';
import manifest from '../../package.json' with { type: 'json' };
import { type InspectedBundle, inspectBundles, packageOf } from '../bench/bundles/inspect.ts';

/**
 * What each function's bundle may weigh, in bytes: a few per cent more than it does. Who adds to one on purpose
 * raises its line; every byte is loaded in every cold start.
 */
const budgets: Readonly<Record<string, number>> = {
  'alipay-callback': 319_000,
  checkout: 669_000,
  'close-order': 657_000,
  'close-shop-order': 376_000,
  'deliver-webhook': 317_000,
  'get-exception': 345_000,
  'get-ledger': 333_000,
  'get-order': 657_000,
  'get-order-history': 320_000,
  'get-refund': 324_000,
  'get-shop-order': 376_000,
  'list-deliveries': 337_000,
  'list-exceptions': 332_000,
  'list-orders': 345_000,
  'list-reconciliations': 332_000,
  'list-refunds': 336_000,
  'list-webhooks': 343_000,
  'notify-wecom': 285_000,
  'pay-mall-order': 381_000,
  'pay-meal-order': 381_000,
  'publish-events': 302_000,
  'put-shop-order': 378_000,
  reconcile: 712_000,
  redeliver: 351_000,
  'redeliver-period': 325_000,
  refund: 665_000,
  'release-deliveries': 310_000,
  'repair-refund': 661_000,
  'resolve-exception': 677_000,
  'send-digest': 285_000,
  'serve-console': 12_000,
  'ship-order': 380_000,
  'start-reconciliation': 615_000,
  'stripe-callback': 322_000,
  sweep: 645_000,
  'wechat-callback': 327_000,
  'wechat-notify': 327_000,
};

/** No callback is ever to be larger. */
const CALLBACK_LIMIT = 327_000;

const callbacks = endpoints.filter(({ callback }) => callback).map(({ name }) => name);

/** The files that no bundle may hold anything of, and why. */
const forbidden: readonly [reason: string, file: RegExp][] = [
  [
    'a source of credentials that Lambda does not have',
    /\/(@aws-sdk|@smithy)\/(credential-provider|token-providers|nested-clients)/,
  ],
  ['the whole of zod, in place of zod/mini', /\/zod\/(v3|v4\/classic|v4\/locales|index)/],
  ['CDK', /\/(aws-cdk-lib|constructs|cdk-nag)\//],
  ['what is for this machine or for deploying', /^(test|infra\/(?!bundling\/))/],
];

let bundles: ReadonlyMap<string, InspectedBundle>;
beforeAll(async () => {
  bundles = new Map((await inspectBundles()).map((bundle) => [bundle.name, bundle]));
});

function filesOf(name: string): string[] {
  const bundle = bundles.get(name);
  if (!bundle) throw new Error(`no bundle of ${name}`);
  return Object.keys(bundle.files);
}

it('has a budget for each function, within the limit of callbacks', () => {
  expect(Object.keys(budgets).toSorted()).toEqual(functions.map(({ name }) => name).toSorted());
  for (const name of callbacks)
    expect([name, budgets[name]]).toSatisfy(([, budget]) => budget <= CALLBACK_LIMIT);
});

describe.each(functions.map(({ name }) => name))('the bundle of %s', (name) => {
  it('weighs what its budget allows', () => {
    expect(bundles.get(name)?.bytes).toBeLessThanOrEqual(budgets[name] ?? 0);
  });

  it.each(forbidden)('holds nothing of %s', (_reason, pattern) => {
    expect(filesOf(name).filter((file) => pattern.test(`${file}`))).toEqual([]);
  });

  it('holds no package that is only for development', () => {
    const packages = new Set(filesOf(name).map(packageOf));
    expect(Object.keys(manifest.devDependencies).filter((dependency) => packages.has(dependency))).toEqual(
      [],
    );
  });
});

describe.each(callbacks)('the callback %s', (name) => {
  const own = name === 'wechat-notify' ? 'wechat' : name.replace('-callback', '');

  it("holds no other provider's code", () => {
    const others = providers.filter((provider) => provider !== own);
    const isOthers = (file: string) =>
      others.some((other) => file.startsWith(`lib/providers/${other}/`) || file === `lib/config/${other}.ts`);
    expect(filesOf(name).filter(isOthers)).toEqual([]);
    // Were the folders called otherwise, nothing would ever be found.
    expect(filesOf(name).filter((file) => file.startsWith(`lib/providers/${own}/`))).not.toEqual([]);
  });

  it('holds no package of a provider, nor what only the API needs', () => {
    const packages = new Set(filesOf(name).map(packageOf));
    expect(
      ['stripe', 'jose', '@middy/core', '@middy/http-json-body-parser', 'yauzl'].filter((one) =>
        packages.has(one),
      ),
    ).toEqual([]);
  });
});
