import { expect, it } from 'vitest';
import { createStageWorld, startFunctions } from '../support/stage-functions.ts';
import { useStore } from '../support/store.ts';
import { createWechatParty } from '../support/wechat.ts';

const store = useStore();
const { document } = createWechatParty();
const second = 'wx0000000000000002';
const body = {
  ...{ user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '茶' },
  appid: second,
};

it('an order is made for an app of the document, and keeps one that is dropped until it changes', async () => {
  const world = createStageWorld({ wechat: { ...document, apps: { [second]: {} } } });
  const put = (id: number, changes: object = {}) =>
    startFunctions(world, store.context).call('PUT', `/v2/orders/mall/${id}`, { ...body, ...changes });
  expect(await put(1)).toMatchObject({ status: 201 });
  expect(await put(2, { appid: 'wx0000000000000003' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('appid'),
  });
  expect(await store.items('mall-2')).toEqual([]);

  world.documents.set('wechat', document);
  expect(await put(1)).toMatchObject({ status: 200 });
  expect(await put(3)).toMatchObject({ status: 400, body: expect.stringContaining('appid') });
  expect(await put(1, { appid: 'wx0000000000000003' })).toMatchObject({ status: 400 });
  expect(await store.items('mall-1')).toMatchObject([{ appid: second, version: 1 }]);
  const functions = startFunctions(world, store.context);
  const user = { sub: 'user-1', role: 'user' } as const;
  expect(await functions.call('POST', '/v2/orders/mall/1/pay', {}, user)).toMatchObject({
    status: 400,
    body: expect.stringContaining('appid'),
  });
  expect(await put(1, { appid: document.appid })).toMatchObject({ status: 200 });
});
