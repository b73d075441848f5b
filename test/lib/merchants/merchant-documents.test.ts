import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import { createMerchantDocuments } from '../../../lib/merchants/merchant-documents.ts';
import type { FromDocument, OfMerchant } from '../../../lib/providers/provider.ts';
import { createDocumentStage, type DocumentStage } from '../../support/merchant-documents.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

interface Opened extends OfMerchant {
  readonly tenant_id: number | null;
}

/** What a document's `mchid` names; one without is refused. */
const open: FromDocument<Opened> =
  ({ tenant_id }) =>
  (document) => {
    const { mchid, former = [] } = document as { mchid?: string; former?: readonly string[] };
    if (mchid === undefined) throw new DocumentError('wechat', 'mchid', 'is missing');
    return { name: mchid, former, tenant_id };
  };

const start = (stage: DocumentStage) => createMerchantDocuments(stage.parts(), 'wechat', open);
const own = (mchid: string) => ({ paid_to: 'own', wechat: { mchid } });
const registration = (tenant_id: number, ...wechat: readonly string[]) =>
  ({ tenant_id, paid_to: 'own', merchants: { wechat } }) as const;
const refusal = (message: string) =>
  expect.objectContaining({ name: 'DocumentError', message: expect.stringContaining(message) });

/** The stage's merchant, and tenant 7's, who was another before; so was the stage's. */
const arrange = () =>
  createDocumentStage(
    {
      wechat: { mchid: 'stage', former: ['stage-before'] },
      'tenants/7': own('seven'),
      'merchants/wechat/stage-before': { mchid: 'stage-before' },
      'merchants/wechat/seven-before': { mchid: 'seven-before', tenant_id: 7 },
    },
    [registration(7, 'seven', 'seven-before')],
  );

describe("the stage's merchant", () => {
  it('is that of its document, which begins to be read at once', async () => {
    const stage = arrange();
    const documents = start(stage);
    expect(stage.reads).toEqual(['wechat']);
    expect(await documents.stage()).toEqual({ name: 'stage', former: ['stage-before'], tenant_id: null });
  });

  it('is nobody where the stage does not offer the provider', async () => {
    const stage = arrange();
    stage.remove('wechat');
    expect(await start(stage).stage()).toBeNull();
  });
});

describe("a tenant's own merchants", () => {
  it('are that of its document, and those of before, which the register names', async () => {
    const stage = arrange();
    expect(await start(stage).tenant(7)).toEqual({
      tenant_id: 7,
      current: { name: 'seven', former: [], tenant_id: 7 },
      former: ['seven-before'],
    });
  });

  it('are none of a tenant that nobody registered, which costs no look at its document', async () => {
    const stage = arrange();
    const documents = start(stage);
    for (let tenant_id = 10_000; tenant_id < 20_000; tenant_id++) {
      expect(await documents.tenant(tenant_id)).toBeNull();
    }
    expect(stage.reads).toEqual(['wechat']);
    expect(stage.register.reads).toBe(1);
  });

  it('are none where it has none at the provider, which costs none either', async () => {
    const stage = arrange();
    stage.enrol({ tenant_id: 8, paid_to: 'own', merchants: { stripe: ['acct_8.live'] } });
    expect(await start(stage).tenant(8)).toEqual({ tenant_id: 8, current: null, former: [] });
    expect(stage.reads).toEqual(['wechat']);
  });

  it('are those of before where its document names none any more', async () => {
    const stage = arrange();
    stage.put('tenants/7', { paid_to: 'own', stripe: {} });
    expect(await start(stage).tenant(7)).toEqual({
      tenant_id: 7,
      current: null,
      former: ['seven', 'seven-before'],
    });
  });

  it('stay known of a tenant that is paid to the stage again, with its document or without', async () => {
    const stage = arrange();
    stage.enrol({ ...registration(7, 'seven', 'seven-before'), paid_to: 'stage' });
    const former = ['seven-before'];
    expect(await start(stage).tenant(7)).toMatchObject({ current: { name: 'seven' }, former });
    stage.remove('tenants/7');
    expect(await start(stage).tenant(7)).toMatchObject({ current: null, former: ['seven', ...former] });
  });

  it.each<[string, unknown, string]>([
    ['is not there', undefined, '"tenants/7": paid_to is not what the register says'],
    [
      'says that the stage is paid',
      { paid_to: 'stage' },
      '"tenants/7": paid_to is not what the register says',
    ],
    ['is not valid', { paid_to: 'own', wechat: {} }, '"tenants/7": wechat.mchid is missing'],
    ['is no object', [], '"tenants/7": (document) must be an object'],
    [
      'is of a merchant that the register does not name',
      own('eight'),
      '"tenants/7": wechat is of a merchant that the register does not name',
    ],
  ])('are refused when its document %s', async (_, document, message) => {
    const stage = arrange();
    if (document === undefined) stage.remove('tenants/7');
    else stage.put('tenants/7', document);
    await expect(start(stage).tenant(7)).rejects.toThrow(refusal(message));
  });

  it('are looked at again before they are refused: the document was changed after the register was read', async () => {
    const stage = arrange();
    const documents = start(stage);
    await documents.tenant(10_000);
    stage.enrol(registration(7, 'new', 'seven', 'seven-before'));
    stage.put('tenants/7', own('new'));
    stage.clock.now += 15 * SECOND_MS + 1;
    expect(await documents.tenant(7)).toMatchObject({
      current: { name: 'new' },
      former: ['seven', 'seven-before'],
    });
  });

  it('are looked at again before they are refused: the document was read before the tenant had any', async () => {
    const stage = arrange();
    stage.put('tenants/7', { paid_to: 'stage' });
    stage.enrol({ ...registration(7, 'seven'), paid_to: 'stage' });
    const documents = start(stage);
    expect(await documents.tenant(7)).toMatchObject({ current: null });
    stage.put('tenants/7', own('seven'));
    stage.enrol(registration(7, 'seven'));
    stage.clock.now += MINUTE_MS;
    // The register says `own` by now, and the document in use does not yet.
    expect(await documents.tenant(7)).toMatchObject({ current: { name: 'seven' } });
  });

  it('that are refused are read again every 15 seconds at most, however often they are asked for', async () => {
    const stage = arrange();
    stage.put('tenants/7', own('eight'));
    const documents = start(stage);
    for (let time = 0; time < 100; time++)
      await expect(documents.tenant(7)).rejects.toThrow(refusal('wechat'));
    expect(stage.reads.filter((name) => name === 'tenants/7')).toHaveLength(1);
    expect(stage.register.reads).toBe(1);
    stage.clock.now += 15 * SECOND_MS + 1;
    for (let time = 0; time < 100; time++)
      await expect(documents.tenant(7)).rejects.toThrow(refusal('wechat'));
    expect(stage.reads.filter((name) => name === 'tenants/7')).toHaveLength(2);
    expect(stage.register.reads).toBe(2);
  });

  it.each(['register', 'tenants/7'])('are not taken for none when %s cannot be read', async (name) => {
    const stage = arrange();
    stage.failing.add(name);
    const documents = start(stage);
    await expect(documents.tenant(7)).rejects.toThrow(`${name} cannot be read`);
    stage.failing.clear();
    expect(await documents.tenant(7)).toMatchObject({ current: { name: 'seven' } });
  });

  it('that cannot be read are looked for once, not again as what is refused', async () => {
    const stage = arrange();
    stage.failing.add('tenants/7');
    await expect(start(stage).tenant(7)).rejects.toThrow('tenants/7 cannot be read');
    expect(stage.reads.filter((name) => name === 'tenants/7')).toHaveLength(1);
  });
});

describe('the merchant of a name', () => {
  it.each([
    ['the stage’s', 'stage', null],
    ['a tenant’s', 'seven', 7],
    ['the stage’s of before', 'stage-before', null],
    ['a tenant’s of before', 'seven-before', 7],
  ])('is found, whosever it is: %s', async (_, name, tenant_id) => {
    expect(await start(arrange()).find(name)).toMatchObject({ name, tenant_id });
  });

  it('is none where nothing is kept of it, and where it has no name that a merchant can have', async () => {
    const stage = arrange();
    const documents = start(stage);
    expect(await documents.find('gone')).toBeNull();
    const before = stage.reads.length;
    for (const name of ['', '../auth', 'seven/stage', 'a'.repeat(131), '.']) {
      expect(await documents.find(name)).toBeNull();
    }
    expect(stage.reads).toHaveLength(before);
  });

  it('is not the tenant’s that has none now, nor one’s whom the register has just lost', async () => {
    const stage = arrange();
    stage.enrol({ ...registration(7, 'seven'), paid_to: 'stage' });
    stage.remove('tenants/7');
    expect(await start(stage).find('seven')).toBeNull();
    const { register, ...parts } = arrange().parts();
    const lost = { ...register, find: async () => null };
    expect(
      await createMerchantDocuments({ ...parts, register: lost }, 'wechat', open).find('seven'),
    ).toBeNull();
  });

  it('is believed of what was read just now, and costs no further look', async () => {
    const stage = arrange();
    const documents = start(stage);
    stage.clock.now += 1;
    expect(await documents.find('gone')).toBeNull();
    expect(stage.reads).toEqual(['wechat', 'merchants/wechat/gone']);
    expect(stage.register.reads).toBe(1);
    await documents.find('seven');
    const before = stage.reads.length;
    stage.clock.now += 16 * SECOND_MS;
    expect(await documents.find('seven')).toMatchObject({ name: 'seven' });
    expect(stage.reads).toHaveLength(before);
    expect(stage.register.reads).toBe(1);
  });

  it('is not the other whose document lies under its name', async () => {
    const stage = arrange();
    stage.put('merchants/wechat/gone', { mchid: 'stage-before' });
    await expect(start(stage).find('gone')).rejects.toThrow(
      refusal('"merchants/wechat/gone": (document) is of another merchant'),
    );
  });

  it('is nobody’s that a document names and the register does not', async () => {
    const stage = arrange();
    stage.put('tenants/7', own('eight'));
    expect(await start(stage).find('eight')).toBeNull();
  });

  it.each<[string, (stage: DocumentStage) => void, string]>([
    [
      'the stage took another',
      (stage) => {
        stage.put('merchants/wechat/stage', { mchid: 'stage' });
        stage.put('wechat', { mchid: 'stage-new' });
      },
      'stage-new',
    ],
    [
      'a tenant took another',
      (stage) => {
        stage.enrol(registration(7, 'seven-new', 'seven', 'seven-before'));
        stage.put('tenants/7', own('seven-new'));
      },
      'seven-new',
    ],
    [
      'a tenant was registered',
      (stage) => {
        stage.put('tenants/8', own('eight'));
        stage.enrol(registration(8, 'eight'));
      },
      'eight',
    ],
    ['it was kept', (stage) => stage.put('merchants/wechat/gone', { mchid: 'gone' }), 'gone'],
  ])('is looked for again before it is said that there is none: %s', async (_, change, name) => {
    const stage = arrange();
    const documents = start(stage);
    expect(await documents.find(name)).toBeNull();
    await documents.find('seven');
    change(stage);
    stage.clock.now += 15 * SECOND_MS + 1;
    expect(await documents.find(name)).toMatchObject({ name });
  });

  it.each<[string, string, string]>([
    ['the stage’s document', 'wechat', 'stage-new'],
    ['the register', 'register', 'eight'],
    ['a tenant’s document', 'tenants/7', 'seven-new'],
    ['what is kept', 'merchants/wechat/gone', 'gone'],
  ])('is not said to be none while %s cannot be read again', async (_, failing, name) => {
    const stage = arrange();
    stage.enrol(registration(7, 'seven-new', 'seven', 'seven-before'));
    const documents = start(stage);
    await documents.find('seven');
    await documents.kept(name);
    stage.failing.add(failing);
    stage.clock.now += 15 * SECOND_MS + 1;
    await expect(documents.find(name)).rejects.toThrow(`${failing} cannot be read`);
  });

  it.each<[string, unknown]>([
    ['is refused', { mchid: undefined }],
    ['is not there', undefined],
  ])('is found whose it is though the stage’s document %s', async (_, document) => {
    const stage = arrange();
    if (document === undefined) stage.remove('wechat');
    else stage.put('wechat', document);
    const documents = start(stage);
    for (const name of ['seven', 'seven-before', 'stage-before']) {
      expect(await documents.find(name)).toMatchObject({ name });
    }
  });

  it('is not said to be none where the document that may be its own is refused', async () => {
    const refused = arrange();
    refused.put('wechat', {});
    await expect(start(refused).find('stage')).rejects.toThrow(refusal('mchid is missing'));
    const tenants = arrange();
    tenants.put('tenants/7', own('other'));
    const documents = start(tenants);
    await expect(documents.find('seven')).rejects.toThrow(refusal('"tenants/7"'));
    expect(await documents.find('seven-before')).toMatchObject({ name: 'seven-before' });
  });
});

describe('documents in memory', () => {
  it('that have proven in use are pushed out by no stranger who goes through all tenants', async () => {
    const stage = arrange();
    const documents = start(stage);
    for (let tenant_id = 100; tenant_id < 400; tenant_id++) {
      stage.put(`tenants/${tenant_id}`, own(`merchant-${tenant_id}`));
      stage.enrol(registration(tenant_id, `merchant-${tenant_id}`));
    }
    await documents.tenant(7);
    documents.prove({ tenant_id: 7 });
    await documents.find('merchant-399');
    await documents.find('stage-before');
    for (let tenant_id = 100; tenant_id < 399; tenant_id++) await documents.tenant(tenant_id);
    const before = stage.reads.length;
    await documents.tenant(7);
    await documents.tenant(399);
    await documents.find('stage-before');
    expect(stage.reads).toHaveLength(before);
    await documents.tenant(100);
    expect(stage.reads).toHaveLength(before + 1);
  });

  it('that are kept of merchants of before are pushed out by no stranger either', async () => {
    const stage = arrange();
    const documents = start(stage);
    await documents.find('stage-before');
    for (let n = 0; n < 200; n++) await documents.kept(`before-${n}`);
    for (let n = 0; n < 500; n++) await documents.find(`nobody-${n}`);
    const before = stage.reads.length;
    await documents.find('stage-before');
    expect(stage.reads).toHaveLength(before);
    await documents.kept('before-0');
    expect(stage.reads).toHaveLength(before + 1);
  });
});
