import { createSign, createVerify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exampleTenant, type GivenDocuments, generateDocuments } from '../../../infra/local/documents.ts';
import { openState } from '../../../infra/local/kept-state.ts';
import { parseWebhooksDocument } from '../../../lib/config/webhooks.ts';
import { parseWechatDocument } from '../../../lib/config/wechat.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

const consoleUrl = 'http://127.0.0.1:3001';
/** Once for all who only look: most of a test would be spent on its keys. */
const generated = generateDocuments({ consoleUrl });
const given = { auth: {}, wechat: {}, alipay: {}, stripe: {}, wecom: {}, webhooks: {} };

function fits(privateKey: string, publicKey: string): boolean {
  const signature = createSign('sha256').update('text').sign(privateKey);
  return createVerify('sha256').update('text').verify(publicKey, signature);
}

describe('generateDocuments', () => {
  it('gives each side the key that fits the other’s', async () => {
    const { wechat, alipay } = (await generated).counterparts;
    if (!wechat || !alipay) throw new Error('nothing was generated');
    const platformKey = wechat.document.public_keys[wechat.platformSerial] ?? '';
    expect(fits(wechat.platformPrivateKey, platformKey)).toBe(true);
    expect(fits(wechat.document.private_key, wechat.merchantPublicKey)).toBe(true);
    expect(fits(alipay.privateKey, alipay.document.alipay_public_key)).toBe(true);
    expect(fits(alipay.document.private_key, alipay.appPublicKey)).toBe(true);
  });

  it('points every provider to the simulators', async () => {
    const { wechat, alipay, stripe, wecom } = (await generated).counterparts;
    const addresses = [
      wechat?.document.base_url,
      alipay?.document.gateway_url,
      stripe?.base_url,
      stripe?.success_url,
      stripe?.cancel_url,
      wecom?.webhook_url,
    ];
    for (const address of addresses) expect(address).toMatch(/^http:\/\/127\.0\.0\.1:3001\//);
  });

  it('gives every app of WeChat’s merchant a secret, and its API to the simulators', async () => {
    const { counterparts } = await generated;
    for (const of of [counterparts, ...counterparts.tenants.values()]) {
      const config = parseWechatDocument(of.wechat?.document);
      expect([...config.appSecrets.keys()]).toEqual(config.appids);
      expect(new Set(config.appSecrets.values()).size).toBe(config.appids.length);
      expect(config.apiBaseUrl).toBe(`${consoleUrl}/weixin`);
    }
  });

  it('has the stage and its tenant told of events, each at an inbox of its own', async () => {
    const { documents, counterparts } = await generated;
    expect(counterparts.inboxes.get('stage')).toEqual(documents.webhooks);
    for (const [inbox, document] of counterparts.inboxes) {
      const config = parseWebhooksDocument(inbox, document, { allowLoopback: true });
      expect(config.url.href).toBe(`${consoleUrl}/inbox/${inbox}`);
    }
    expect([...counterparts.inboxes.keys()]).toEqual(['stage', 'tenants/8']);
  });

  it('never makes the same secret twice', async () => {
    const [one, other] = await Promise.all([
      generateDocuments({ consoleUrl }),
      generateDocuments({ consoleUrl }),
    ]);
    for (const name of ['auth', 'wechat', 'alipay', 'stripe', 'wecom', 'webhooks'] as const) {
      expect(one.documents[name]).not.toEqual(other.documents[name]);
    }
  });

  it('takes what is given as it is, and is no counterpart to it', async () => {
    const { documents, counterparts } = await generateDocuments({ consoleUrl }, given);
    expect(documents).toEqual({ ...given, tenants: {}, merchants: {} });
    const none = { wechat: null, alipay: null, stripe: null, wecom: null };
    expect(counterparts).toEqual({ ...none, inboxes: new Map(), tenants: new Map() });
  });

  it('makes no document in the place of one that is null', async () => {
    const { documents, counterparts } = await generateDocuments(
      { consoleUrl },
      { wechat: null, wecom: null, webhooks: null },
    );
    expect([documents.wechat, documents.wecom, documents.webhooks]).toEqual([null, null, null]);
    expect([counterparts.wechat, counterparts.wecom]).toEqual([null, null]);
    expect(counterparts.inboxes).toEqual(new Map());
    expect(counterparts.stripe?.account).toBe((documents.stripe as { account: string }).account);
  });

  it('gives a tenant merchants of its own, with keys of their own, where nothing is given', async () => {
    const { documents, counterparts } = await generated;
    const own = counterparts.tenants.get(exampleTenant);
    if (!own?.wechat || !own.alipay || !own.stripe) throw new Error('nothing was generated');
    expect(documents.tenants).toEqual({
      [exampleTenant]: {
        paid_to: 'own',
        ...{ wechat: own.wechat.document, alipay: own.alipay.document, stripe: own.stripe },
        webhooks: counterparts.inboxes.get('tenants/8'),
      },
    });
    const { wechat, alipay, stripe } = counterparts;
    const ofStage = new Set(
      [wechat?.document, alipay?.document, stripe].flatMap((document) => Object.values(document ?? {})),
    );
    const shared = [own.wechat.document, own.alipay.document, own.stripe]
      .flatMap((document) => Object.values(document))
      .filter((value) => ofStage.has(value));
    expect(shared.every((value) => String(value).startsWith(consoleUrl))).toBe(true);
  });

  it('are the same again where they were kept, at the port where the simulators are then', async () => {
    const directory = createTemporaryDirectory('settle-documents-');
    const at = async (url: string, given?: GivenDocuments) => {
      const state = openState(`${directory.path}/state`);
      const made = await generateDocuments({ consoleUrl: url, state }, given);
      await state.stop();
      return made;
    };
    const first = await at(consoleUrl);
    expect(await at(consoleUrl)).toEqual(first);
    const moved = await at('http://127.0.0.1:4711');
    expect(JSON.parse(JSON.stringify(moved).replaceAll('http://127.0.0.1:4711', consoleUrl))).toEqual(
      JSON.parse(JSON.stringify(first)),
    );
    const { documents } = await at(consoleUrl, { wecom: null });
    expect(documents).toEqual({ ...first.documents, wecom: null, tenants: {} });
    directory.remove();
  });
});
