import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import {
  keptDocumentName,
  parseKeptTenant,
  parseTenantDocument,
  readPart,
  tenantDocumentName,
} from '../../../lib/config/tenant-document.ts';

const refusal = (message: string) => expect.objectContaining({ name: 'DocumentError', message });

describe("a tenant's document", () => {
  it('says whom the tenant is paid through, and holds a part for each provider', () => {
    const parts = { wechat: { mchid: '1' }, stripe: {}, webhooks: { url: 'https://shop.example' } };
    expect(parseTenantDocument(7, { paid_to: 'own', ...parts })).toEqual({ paid_to: 'own', parts });
    expect(parseTenantDocument(7, { paid_to: 'stage' })).toEqual({ paid_to: 'stage', parts: {} });
  });

  it.each<[string, unknown, string]>([
    ['is no object', ['own'], '(document)'],
    ['is nothing', null, '(document)'],
    ['does not say whom', { wechat: {} }, 'paid_to'],
    ['says neither', { paid_to: 'nobody' }, 'paid_to'],
    ['says what is no word', { paid_to: ['own'] }, 'paid_to'],
    ['holds a text in place of a part', { paid_to: 'own', wechat: 'top secret' }, 'wechat'],
    ['holds a list in place of a part', { paid_to: 'own', stripe: [] }, 'stripe'],
  ])('that %s is refused by its own name and the field, and not quoted', (_, document, field) => {
    const parse = () => parseTenantDocument(7, document);
    expect(parse).toThrow(expect.objectContaining({ name: 'DocumentError', field }));
    expect(parse).toThrow(expect.objectContaining({ message: expect.stringContaining('"tenants/7"') }));
    expect(parse).not.toThrow(expect.objectContaining({ message: expect.stringContaining('top secret') }));
  });
});

describe('one part of a document', () => {
  it('that is refused is told of as a field of the whole, with everything else that is wrong', () => {
    const read = () =>
      readPart('tenants/7', 'wechat', () => {
        throw new DocumentError('wechat', 'mchid', 'is missing', [{ field: 'appid', reason: 'is empty' }]);
      });
    expect(read).toThrow(refusal('configuration document "tenants/7": wechat.mchid is missing'));
    expect(read).toThrow(
      expect.objectContaining({
        issues: [
          { field: 'wechat.mchid', reason: 'is missing' },
          { field: 'wechat.appid', reason: 'is empty' },
        ],
      }),
    );
  });

  it('is what is made of it, and fails as it fails', () => {
    expect(readPart('tenants/7', 'wechat', () => 7)).toBe(7);
    const read = () =>
      readPart('tenants/7', 'wechat', () => {
        throw new TypeError('a bug');
      });
    expect(read).toThrow(new TypeError('a bug'));
  });
});

describe('what is kept of a merchant', () => {
  it.each<[unknown, number | null]>([
    [{ mchid: '1' }, null],
    [{ mchid: '1', tenant_id: 7 }, 7],
  ])('says whose it was: %j', (document, tenant_id) => {
    expect(parseKeptTenant('merchants/wechat/1', document)).toBe(tenant_id);
  });

  it.each([0, -7, 1.5, '7', null, 2 ** 53])('is not of tenant %j', (tenant_id) => {
    expect(() => parseKeptTenant('merchants/wechat/1', { tenant_id })).toThrow(
      refusal('configuration document "merchants/wechat/1": tenant_id must be a whole number from 1'),
    );
  });
});

it('documents are named by tenant, and by merchant', () => {
  expect(tenantDocumentName(7)).toBe('tenants/7');
  expect(keptDocumentName('stripe', 'acct_1Settle.live')).toBe('merchants/stripe/acct_1Settle.live');
});
