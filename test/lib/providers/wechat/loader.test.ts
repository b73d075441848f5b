import { expect, it } from 'vitest';
import { createWechatLoader } from '../../../../lib/providers/wechat/loader.ts';
import { createWechatIo, createWechatParty } from '../../../support/wechat.ts';

const party = createWechatParty();
const now = Date.parse('2026-11-22T03:00:00Z');

it('loads the document, and looks for keys that it does not hold among the platform certificates', async () => {
  const { io, calls } = createWechatIo(party, { text: '{"data":[]}' }, now);
  const load = createWechatLoader(
    { read: async () => JSON.stringify(party.document), onFailure: () => {} },
    io,
    (config) => config,
  );
  const { merchant, publicKeys } = await load();
  expect(merchant).toBe('1230000109/wxd678efh567hg6787');
  expect(await publicKeys.get(party.serial)).toBeDefined();
  expect(calls).toEqual([]);
  expect(await publicKeys.get('5157F09E')).toBeUndefined();
  expect(calls.map(({ url }) => url)).toEqual(['https://api.mch.weixin.qq.com/v3/certificates']);
});
