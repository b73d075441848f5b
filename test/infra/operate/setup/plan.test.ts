import { describe, expect, it } from 'vitest';
import type { Document, Stored } from '../../../../infra/operate/documents/stored-document.ts';
import {
  afterSteps,
  PlanError,
  planForgetting,
  planStage,
  planTenant,
  type Step,
  type StoredDocuments,
  type TenantTarget,
} from '../../../../infra/operate/setup/plan.ts';
import { createMerchants } from '../../../../lib/merchants/merchants.ts';
import type { Registration } from '../../../../lib/merchants/tenant-register.ts';
import { allProviders } from '../../../../lib/providers/all.ts';
import { createDocumentStage } from '../../../support/merchant-documents.ts';
import { createWechatParty } from '../../../support/wechat.ts';

const [stageA, stageB, ownA, ownB] = ['1900000001', '1900000002', '1900000071', '1900000072'].map(
  (mchid): Document => createWechatParty({ mchid }).document,
) as [Document, Document, Document, Document];
const tenant_id = 7;

/** What a stage has, and one of its tenants. */
interface State {
  readonly documents: StoredDocuments;
  readonly registered: Registration | null;
}

const stateOf = (
  documents: Readonly<Record<string, Document>>,
  registered: Registration | null = null,
): State => ({
  documents: new Map(
    Object.entries(documents).map(([name, document]): [string, Stored] => [
      name,
      { state: 'stored', document },
    ]),
  ),
  registered,
});

function stateAfter({ documents, registered }: State, steps: readonly Step[]): State {
  const last = steps.findLast(({ step }) => step === 'register' || step === 'unregister');
  return {
    documents: afterSteps(documents, steps),
    registered:
      last?.step === 'register' ? last.registration : last?.step === 'unregister' ? null : registered,
  };
}

/** Who is paid and who is found, for an execution environment that starts now. */
async function look({ documents, registered }: State) {
  const contents = [...documents].flatMap(([name, stored]) =>
    stored.state === 'stored' ? [[name, stored.document] as const] : [],
  );
  const stage = createDocumentStage(Object.fromEntries(contents), registered ? [registered] : []);
  const merchants = createMerchants(stage.parts(), allProviders);
  const current = async (of: number | null) => (await merchants.current('wechat', of))?.name ?? null;
  const found = [stageA, stageB, ownA, ownB].map(async ({ mchid }) => {
    const merchant = await merchants.find('wechat', String(mchid));
    return merchant ? [merchant.name] : [];
  });
  return {
    stage: await current(null),
    tenant: await current(tenant_id),
    found: (await Promise.all(found)).flat(),
    failures: stage.failures,
  };
}

const name = ({ mchid }: Document) => String(mchid);
const registration = (paid_to: Registration['paid_to'], ...wechat: readonly Document[]): Registration => ({
  tenant_id,
  paid_to,
  merchants: { wechat: wechat.map(name) },
});
const target = (paid_to: TenantTarget['paid_to'], wechat?: Document): TenantTarget => ({
  tenant_id,
  paid_to,
  parts: wechat ? { wechat } : {},
});
const toTenant =
  (wanted: TenantTarget) =>
  ({ documents, registered }: State) =>
    planTenant(documents, registered, wanted);
const toStage =
  (wechat: Document | null) =>
  ({ documents }: State) =>
    planStage(documents, [['wechat', wechat]]);

interface Change {
  readonly before: State;
  readonly plan: (state: State) => Step[];
  /** Who is found throughout, since there may be payments to them. */
  readonly found: readonly Document[];
  /** Who is paid for the tenant, one after the other. */
  readonly paid: readonly (Document | null)[];
}

const changes: readonly (readonly [string, Change])[] = [
  [
    'the merchant of a stage changes',
    { before: stateOf({ wechat: stageA }), plan: toStage(stageB), found: [stageA], paid: [stageA, stageB] },
  ],
  [
    'a stage does without a provider',
    { before: stateOf({ wechat: stageA }), plan: toStage(null), found: [stageA], paid: [stageA, null] },
  ],
  [
    'a tenant comes to a merchant of its own',
    {
      before: stateOf({ wechat: stageA }),
      plan: toTenant(target('own', ownA)),
      found: [stageA],
      paid: [stageA, ownA],
    },
  ],
  [
    "a tenant's merchant changes",
    {
      before: stateOf(
        { wechat: stageA, 'tenants/7': { paid_to: 'own', wechat: ownA } },
        registration('own', ownA),
      ),
      plan: toTenant(target('own', ownB)),
      found: [stageA, ownA],
      paid: [ownA, ownB],
    },
  ],
  [
    'a tenant goes over to the stage',
    {
      before: stateOf(
        { wechat: stageA, 'tenants/7': { paid_to: 'own', wechat: ownA } },
        registration('own', ownA),
      ),
      plan: toTenant(target('stage', ownA)),
      found: [stageA, ownA],
      paid: [ownA, stageA],
    },
  ],
  [
    'a tenant goes over to the stage and does without its own',
    {
      before: stateOf(
        { wechat: stageA, 'tenants/7': { paid_to: 'own', wechat: ownA } },
        registration('own', ownA),
      ),
      plan: toTenant(target('stage')),
      found: [stageA, ownA],
      paid: [ownA, stageA],
    },
  ],
  [
    'a tenant does without its own, and is not paid to the stage',
    {
      before: stateOf(
        { wechat: stageA, 'tenants/7': { paid_to: 'own', wechat: ownA } },
        registration('own', ownA),
      ),
      plan: toTenant(target('own')),
      found: [stageA, ownA],
      paid: [ownA, null],
    },
  ],
  [
    'a tenant comes back with another merchant',
    {
      before: stateOf(
        { wechat: stageA, 'tenants/7': { paid_to: 'stage', wechat: ownA } },
        registration('stage', ownA),
      ),
      plan: toTenant(target('own', ownB)),
      found: [stageA, ownA],
      paid: [stageA, ownB],
    },
  ],
];

describe('no payment is without its merchant while', () => {
  it.each(changes)('%s', async (_what, { before, plan, found, paid }) => {
    const steps = plan(before);
    const seen: (string | null)[] = [];
    for (let done = 0; done <= steps.length; done += 1) {
      const state = stateAfter(before, steps.slice(0, done));
      const looked = await look(state);
      expect({ done, failures: looked.failures }).toEqual({ done, failures: [] });
      expect(looked.found).toEqual(expect.arrayContaining(found.map(name)));
      if (looked.tenant !== seen.at(-1)) seen.push(looked.tenant);
      // A run that ended here is finished by another.
      expect(stateAfter(state, plan(state))).toEqual(stateAfter(before, steps));
    }
    expect(seen).toEqual(paid.map((document) => document && name(document)));
    expect(plan(stateAfter(before, steps))).toEqual([]);
  });
});

describe('what is kept of a merchant of before', () => {
  const kept = (steps: readonly Step[]) => steps.filter(({ step }) => step === 'keep');

  it("is the stage's document, and its successor names it", () => {
    const steps = planStage(stateOf({ wechat: { ...stageA, former: ['1'] } }).documents, [
      ['wechat', stageB],
    ]);
    expect(steps).toEqual([
      { step: 'keep', name: 'merchants/wechat/1900000001', document: stageA },
      { step: 'store', name: 'wechat', document: { ...stageB, former: ['1900000001', '1'] } },
    ]);
  });

  it("is a tenant's part, and says whose it was", () => {
    const before = stateOf({ 'tenants/7': { paid_to: 'own', wechat: ownA } }, registration('own', ownA));
    const steps = toTenant(target('own', ownB))(before);
    expect(kept(steps)).toEqual([
      { step: 'keep', name: 'merchants/wechat/1900000071', document: { ...ownA, tenant_id } },
    ]);
    expect(steps).toContainEqual({ step: 'register', registration: registration('own', ownB, ownA) });
  });

  it('is nothing where a key changes', () => {
    const rotated = { ...stageA, callback_keys: ['Zk3sN9qLp0vX7tYb2mWc5dRf8hJg1aUe'], former: ['1'] };
    const { documents } = stateOf({ wechat: { ...stageA, former: ['1'] } });
    expect(planStage(documents, [['wechat', { ...rotated, former: [] }]])).toEqual([
      { step: 'store', name: 'wechat', document: rotated },
    ]);
  });

  it('is named again by the next document, after a time without any', () => {
    const { documents } = stateOf({
      'merchants/wechat/1900000001': stageA,
      'merchants/wechat/1900000071': { ...ownA, tenant_id },
    });
    expect(planStage(documents, [['wechat', stageB]])).toEqual([
      { step: 'store', name: 'wechat', document: { ...stageB, former: ['1900000001'] } },
    ]);
  });

  it('is not of before any more once it is back', () => {
    const { documents } = stateOf({
      wechat: { ...stageB, former: ['1900000001'] },
      'merchants/wechat/1900000001': stageA,
    });
    const steps = planStage(documents, [['wechat', stageA]]);
    expect(steps.at(-1)).toMatchObject({ document: { mchid: '1900000001', former: ['1900000002'] } });
  });

  it.each(['stage', 'tenant'])('has room for five of a %s', (of) => {
    const former = ['1', '2', '3', '4', '5'];
    const names = { ...registration('own'), merchants: { wechat: ['1900000071', ...former] } };
    const plan = () =>
      of === 'stage'
        ? toStage(stageB)(stateOf({ wechat: { ...stageA, former } }))
        : toTenant(target('own', ownB))(stateOf({ 'tenants/7': { paid_to: 'own', wechat: ownA } }, names));
    expect(plan).toThrow(PlanError);
    expect(plan).toThrow(/full, 5 at most: 19000000.1, 1, 2, 3, 4, 5\. .*--drop <provider>\/<merchant>/);
  });
});

describe('a merchant of before that can go', () => {
  it('is taken out of the document that names it, and then deleted', () => {
    const { documents } = stateOf({
      wechat: { ...stageB, former: ['1', '1900000001'] },
      'merchants/wechat/1900000001': stageA,
    });
    const steps = planForgetting(documents, null, { provider: 'wechat', merchant: '1900000001' });
    expect(steps).toEqual([
      { step: 'store', name: 'wechat', document: { ...stageB, former: ['1'] } },
      { step: 'delete', name: 'merchants/wechat/1900000001' },
    ]);
  });

  it('takes the last word on its tenant with it', () => {
    const { documents } = stateOf({ 'merchants/wechat/1900000071': { ...ownA, tenant_id } });
    const former = { provider: 'wechat', merchant: '1900000071' } as const;
    const forgotten = { step: 'delete', name: 'merchants/wechat/1900000071' };
    expect(planForgetting(documents, registration('stage', ownA), former)).toEqual([
      { step: 'unregister', tenant_id },
      forgotten,
    ]);
    expect(planForgetting(documents, registration('own', ownB, ownA), former)).toEqual([
      { step: 'register', registration: registration('own', ownB) },
      forgotten,
    ]);
  });

  it('must be there', () => {
    const plan = () => planForgetting(new Map(), null, { provider: 'wechat', merchant: '1' });
    expect(plan).toThrow('nothing is kept as merchants/wechat/1');
  });
});

it('keeps what else a tenant has', () => {
  const other = { of: 'newer code' };
  const before = stateOf({ 'tenants/7': { paid_to: 'own', wechat: ownA, other } }, registration('own', ownA));
  const [, storing] = toTenant(target('stage'))(before).filter(({ step }) => step !== 'keep');
  expect(storing).toEqual({
    step: 'store',
    name: 'tenants/7',
    document: { paid_to: 'stage', other },
  });
});
