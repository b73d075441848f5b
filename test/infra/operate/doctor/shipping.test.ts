import { describe, expect, it } from 'vitest';
import { checkTradeManagement } from '../../../../infra/operate/doctor/shipping.ts';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { systemIo } from '../../../../lib/io.ts';
import { createWechatParty } from '../../../support/wechat.ts';

const APP = 'wxd678efh567hg6787';
const OTHER = 'wx0000000000000002';
const SECRET = '0123456789abcdef0123456789abcdef';
const shipping = { withinHours: 48, mealPickup: false };

const party = createWechatParty({ appid: APP });
const configOf = (apps: object) => parseWechatDocument({ ...party.document, apps });

/** What WeChat says of each app, and what it was asked. */
function createWechat(
  managed: Readonly<Record<string, unknown>>,
  token: object = { access_token: 't1', expires_in: 7_200 },
) {
  const asked: { readonly path: string; readonly body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { pathname, search } = new URL(String(input));
    const body = JSON.parse(String(init?.body));
    asked.push({ path: pathname + search, body });
    return Response.json(pathname === '/cgi-bin/stable_token' ? token : managed[body.appid]);
  };
  return { asked, io: { ...systemIo, fetch } };
}

const said = (is_trade_managed: boolean) => ({ errcode: 0, errmsg: 'ok', is_trade_managed });

describe('whether WeChat asks what was sent', () => {
  it('is asked with a token of the app', async () => {
    const { asked, io } = createWechat({ [APP]: said(true) });
    await checkTradeManagement(io, configOf({ [APP]: { secret: SECRET } }), { shipping });
    expect(asked).toEqual([
      {
        path: '/cgi-bin/stable_token',
        body: { grant_type: 'client_credential', appid: APP, secret: SECRET, force_refresh: false },
      },
      { path: '/wxa/sec/order/is_trade_managed?access_token=t1', body: { appid: APP } },
    ]);
  });

  it.each([
    [true, { shipping }, 'ok', /^WeChat is to be told what was sent$/],
    [true, {}, 'warning', /^WeChat keeps the money until it is told .*Set shipping in infra\/stages\.ts/],
    [false, {}, 'ok', /^WeChat does not ask what was sent$/],
    [
      false,
      { shipping },
      'warning',
      /^WeChat does not ask what was sent, and the stage waits .*Leave shipping out/,
    ],
    // The local system has settings of its own.
    [true, null, 'ok', /^WeChat is to be told what was sent$/],
    [false, null, 'ok', /^WeChat does not ask what was sent$/],
  ] as const)('managed: %s, the stage has %j', async (isManaged, stage, level, text) => {
    const { io } = createWechat({ [APP]: said(isManaged) });
    expect(await checkTradeManagement(io, configOf({ [APP]: { secret: SECRET } }), stage)).toEqual([
      { check: `shipping of ${APP}`, level, text: expect.stringMatching(text) },
    ]);
  });

  it('is asked of each app whose secret is there, and of no other', async () => {
    const { asked, io } = createWechat({ [APP]: said(true), [OTHER]: said(false) });
    const all = { [APP]: { secret: SECRET }, [OTHER]: { secret: SECRET }, wx0000000000000003: {} };
    const results = await checkTradeManagement(io, configOf(all), { shipping });
    expect(results.map(({ check, level }) => [check, level])).toEqual([
      [`shipping of ${APP}`, 'ok'],
      [`shipping of ${OTHER}`, 'warning'],
    ]);
    expect(asked).toHaveLength(4);
  });

  it('needs a secret where the stage tells what was sent', async () => {
    const { asked, io } = createWechat({});
    expect(await checkTradeManagement(io, configOf({}), { shipping })).toMatchObject([
      { check: 'shipping', level: 'warning', text: expect.stringContaining('no app has its secret') },
    ]);
    expect(await checkTradeManagement(io, configOf({}), {})).toEqual([]);
    expect(await checkTradeManagement(io, null, { shipping })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it.each([
    [{ errcode: 40125, errmsg: 'invalid appsecret' }, { [APP]: said(true) }, /stable_token: errcode 40125/],
    [undefined, { [APP]: { errcode: 48001, errmsg: 'api unauthorized' } }, /is_trade_managed: errcode 48001/],
    [undefined, { [APP]: {} }, /is_trade_managed: the answer has no errcode/],
  ])('that cannot be found out is a warning that holds no secret: %j', async (token, managed, text) => {
    const { io } = createWechat(managed, token);
    const [result, ...others] = await checkTradeManagement(io, configOf({ [APP]: { secret: SECRET } }), {});
    expect(others).toEqual([]);
    expect(result).toMatchObject({ level: 'warning', text: expect.stringMatching(text) });
    expect(result?.text).not.toContain(SECRET);
    expect(result?.text).not.toContain('access_token');
  });
});
