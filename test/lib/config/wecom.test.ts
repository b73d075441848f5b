import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import { parseWecomDocument } from '../../../lib/config/wecom.ts';

describe('the wecom document', () => {
  it.each([
    'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx',
    'http://127.0.0.1:3001/cgi-bin/webhook/send?key=local',
    'http://localhost:3001/cgi-bin/webhook/send?key=local',
    'http://[::1]:3001/cgi-bin/webhook/send?key=local',
  ])('takes %s', (webhook_url) => {
    expect(parseWecomDocument({ webhook_url }).webhookUrl.href).toBe(webhook_url);
  });

  it.each([
    ['a missing address', {}],
    ['a blank address', { webhook_url: ' ' }],
    ['something that is no address', { webhook_url: 'qyapi.weixin.qq.com?key=1' }],
    ['an address without a key', { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send' }],
    ['an empty key', { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=' }],
    ['a blank key', { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=%20' }],
    ['plain http elsewhere', { webhook_url: 'http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1' }],
    ['a host that only begins like loopback', { webhook_url: 'http://127.0.0.1.example.com/send?key=1' }],
    ['another protocol', { webhook_url: 'ftp://localhost/send?key=1' }],
  ])('refuses %s by the name of the field', (_, document) => {
    expect(() => parseWecomDocument(document)).toThrow(
      expect.objectContaining({ field: 'webhook_url' }) as DocumentError,
    );
  });

  it('does not quote the address that it refuses', () => {
    const refuse = () => parseWecomDocument({ webhook_url: 'http://example.com/send?key=s3cret' });
    expect(refuse).toThrow(DocumentError);
    expect(refuse).not.toThrow(/s3cret/);
  });
});
