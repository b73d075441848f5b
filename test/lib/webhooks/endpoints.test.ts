import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import { parseWebhooksDocument } from '../../../lib/config/webhooks.ts';
import { createFindEndpoint, endpointDocumentName, wants } from '../../../lib/webhooks/endpoints.ts';
import { START } from '../../support/deliveries.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';

const endpoint = (host: string, changes = {}) => ({
  ...{ url: `https://${host}/hooks`, secrets: [webhookSecret(1)] },
  ...changes,
});

function createWorld(documents: Record<string, unknown>, tenants: readonly number[] = [7, 8]) {
  const reads: string[] = [];
  const world = { documents, now: START, reads, isRegisterDown: false };
  const find = createFindEndpoint({
    documents: {
      read: async (name) => {
        reads.push(name);
        const document = world.documents[name];
        if (document instanceof Error) throw document;
        return document === undefined ? null : JSON.stringify(document);
      },
      onFailure: () => {},
    },
    register: {
      find: async (tenant_id) => {
        if (world.isRegisterDown) throw new Error('the register is down');
        return tenants.includes(tenant_id) ? { tenant_id, paid_to: 'stage', merchants: {} } : null;
      },
    },
    allowLoopback: false,
    now: () => world.now,
  });
  return { ...world, world, find };
}

const urlOf = async (found: ReturnType<ReturnType<typeof createFindEndpoint>>) =>
  (await found)?.url.hostname ?? null;

describe('the endpoint of a receiver', () => {
  it("is the stage's document, or a registered tenant's part", async () => {
    const { find } = createWorld({
      webhooks: endpoint('shop.example'),
      'tenants/7': { paid_to: 'stage', webhooks: endpoint('seven.example') },
    });
    expect(await urlOf(find('stage'))).toBe('shop.example');
    expect(await urlOf(find('tenant:7'))).toBe('seven.example');
  });

  it('is none where there is no document, or none of webhooks', async () => {
    const { find } = createWorld({ 'tenants/7': { paid_to: 'own', wechat: {} } });
    expect(await find('stage')).toBeNull();
    expect(await find('tenant:7')).toBeNull();
    expect(await find('tenant:8')).toBeNull();
  });

  it('is not looked for of a tenant that nobody registered', async () => {
    const { find, reads } = createWorld({
      'tenants/9': { paid_to: 'stage', webhooks: endpoint('nine.example') },
    });
    expect(await find('tenant:9')).toBeNull();
    expect(reads).not.toContain('tenants/9');
  });

  it('is read once while it is used, and again in time', async () => {
    const { find, reads, world } = createWorld({
      'tenants/7': { paid_to: 'stage', webhooks: endpoint('seven.example') },
    });
    for (let n = 0; n < 3; n += 1) await find('tenant:7');
    expect(reads.filter((name) => name === 'tenants/7')).toHaveLength(1);
    world.documents['tenants/7'] = { paid_to: 'stage', webhooks: endpoint('other.example') };
    world.now += 6 * 60_000;
    expect(await urlOf(find('tenant:7'))).toBe('other.example');
  });

  it("of a document that is refused is refused by its field, and does not touch another's", async () => {
    const { find } = createWorld({
      webhooks: endpoint('shop.example'),
      'tenants/7': { paid_to: 'stage', webhooks: endpoint('seven.example', { secrets: ['whsec_c2hvcnQ='] }) },
      'tenants/8': { paid_to: 'stage', webhooks: endpoint('eight.example', { tenant_events: true }) },
    });
    await expect(find('tenant:7')).rejects.toMatchObject({
      message:
        'configuration document "tenants/7": webhooks.secrets.0 must be whsec_ and 24 to 64 bytes in base64',
    });
    await expect(find('tenant:8')).rejects.toThrow('"tenants/8": webhooks.tenant_events');
    await expect(find('tenant:8')).rejects.toBeInstanceOf(DocumentError);
    expect(await urlOf(find('stage'))).toBe('shop.example');
  });

  it('is not known while its document or the register cannot be read', async () => {
    const { find, world } = createWorld({
      webhooks: new Error('no secrets'),
      'tenants/7': new Error('no secrets'),
    });
    await expect(find('stage')).rejects.toThrow('no secrets');
    await expect(find('tenant:7')).rejects.toThrow('no secrets');
    world.documents['webhooks'] = endpoint('shop.example');
    expect(await urlOf(find('stage'))).toBe('shop.example');
    world.isRegisterDown = true;
    await expect(find('tenant:8')).rejects.toThrow('the register is down');
  });

  it('stands in a document of a name', () => {
    expect(['stage', 'tenant:7'].map((receiver) => endpointDocumentName(receiver as 'stage'))).toEqual([
      'webhooks',
      'tenants/7',
    ]);
  });
});

describe('an endpoint wants', () => {
  const parse = (changes = {}) =>
    parseWebhooksDocument('webhooks', endpoint('shop.example', changes), { allowLoopback: false });
  const own = { type: 'order.paid', tenant_id: null } as const;
  const tenants = { type: 'order.paid', tenant_id: 7 } as const;

  it.each([
    ['everything of the shop', {}, 'stage', own, true],
    ['nothing of tenants', {}, 'stage', tenants, false],
    ["tenants' where it says so", { tenant_events: true }, 'stage', tenants, true],
    ['the types that it names', { events: ['order.paid'] }, 'stage', own, true],
    ['no others', { events: ['order.closed'] }, 'stage', own, false],
    [
      "no others of tenants' either",
      { events: ['order.closed'], tenant_events: true },
      'stage',
      tenants,
      false,
    ],
    ["a tenant's own", {}, 'tenant:7', tenants, true],
    ["a tenant's own by type", { events: ['order.closed'] }, 'tenant:7', tenants, false],
  ] as const)('%s', (_, changes, receiver, event, isWanted) => {
    expect(wants(parse(changes), receiver, event)).toBe(isWanted);
  });
});
