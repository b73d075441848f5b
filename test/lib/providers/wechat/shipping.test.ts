import { describe, expect, it } from 'vitest';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { type Io, systemIo } from '../../../../lib/io.ts';
import type { Shipping } from '../../../../lib/orders/shipping.ts';
import { createShippingReport, isTradeManaged } from '../../../../lib/providers/wechat/shipping.ts';
import { paidPayment, shippingOf, shopOrder } from '../../../support/orders.ts';
import { createWechatParty } from '../../../support/wechat.ts';

/** What a test wants to be answered in place of what the documents say; nothing to go on as they do. */
type Script = (() => Response | Promise<Response> | undefined)[];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse('2026-11-22T03:00:00Z');
const secret = '0123456789abcdef0123456789abcdef';
const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
const contact = '138****1234';

const party = createWechatParty();
const { appid, mchid } = party.document;
const document = { ...party.document, apps: { [appid]: { secret }, wx2: { secret }, wx3: {} } };

const payment = { ...paidPayment(shopOrder()), appid };
const parcel = { express_company: 'SF', tracking_no: 'SF1', contact };
const requested_at = '2026-11-22T02:59:58.123Z';
const byCourier: Shipping = shippingOf(payment, {
  ...{ logistics_type: 'courier', items: '苹果*1', parcels: [parcel], requested_at },
});

/**
 * The API of mini-programs as its documents have it, and WeChat Pay, which is asked for the payer: a token is good for two
 * hours and is the same until it is refreshed by force or its last five minutes begin; one that is revoked is refused.
 */
function createApi(scripts: Readonly<Partial<Record<'token' | 'upload' | 'pay' | 'managed', Script>>> = {}) {
  const clock = { now: START };
  const uploads: { readonly appid: string | undefined; readonly body: Record<string, unknown> }[] = [];
  const tokenRequests: Record<string, unknown>[] = [];
  const revoked = new Set<string>();
  const tokens = new Map<string, { readonly text: string; readonly until: number }>();
  const requests: Request[] = [];
  let made = 0;

  const makeToken = (of: string) => {
    made += 1;
    const token = { text: `TOKEN-${of}-${made}`, until: clock.now + 2 * HOUR_MS };
    tokens.set(of, token);
    return token;
  };
  const stableToken = (body: Record<string, unknown>) => {
    tokenRequests.push(body);
    const of = String(body['appid']);
    if (body['grant_type'] !== 'client_credential') return { errcode: 40002, errmsg: 'invalid grant_type' };
    if (body['secret'] !== secret) return { errcode: 40125, errmsg: `invalid appsecret ${body['secret']}` };
    const known = tokens.get(of);
    const isKept = known && body['force_refresh'] !== true && known.until - 5 * MINUTE_MS > clock.now;
    const { text, until } = isKept ? known : makeToken(of);
    return { access_token: text, expires_in: Math.floor((until - clock.now) / 1_000) };
  };
  const appOf = (token: string | null) => {
    const [of] = [...tokens].find(([, { text }]) => text === token) ?? [];
    return revoked.has(token ?? '') ? undefined : of;
  };
  const badToken = { errcode: 40001, errmsg: 'invalid credential, access_token is invalid or not latest' };
  const upload = (token: string | null, body: Record<string, unknown>) => {
    const of = appOf(token);
    if (of === undefined) return badToken;
    uploads.push({ appid: of, body });
    return { errcode: 0, errmsg: 'ok' };
  };
  const tradeManaged = (token: string | null, { appid: of }: Record<string, unknown>) =>
    of === undefined || of !== appOf(token)
      ? badToken
      : { errcode: 0, errmsg: 'ok', is_trade_managed: of === appid };
  const signed = (value: object, status = 200) => {
    const text = JSON.stringify(value);
    return new Response(text, { status, headers: new Headers(party.signBody(text, clock.now)) });
  };

  const io: Io = {
    ...systemIo,
    now: () => clock.now,
    fetch: async (...parameters) => {
      const request = new Request(...parameters);
      requests.push(request.clone());
      const { host, pathname, searchParams } = new URL(request.url);
      const read = async () => (await request.json()) as Record<string, unknown>;
      switch (`${host}${pathname}`) {
        case 'api.weixin.qq.com/cgi-bin/stable_token':
          return (await scripts.token?.shift()?.()) ?? Response.json(stableToken(await read()));
        case 'api.weixin.qq.com/wxa/sec/order/upload_shipping_info':
          return (
            (await scripts.upload?.shift()?.()) ??
            Response.json(upload(searchParams.get('access_token'), await read()))
          );
        case 'api.weixin.qq.com/wxa/sec/order/is_trade_managed':
          return (
            (await scripts.managed?.shift()?.()) ??
            Response.json(tradeManaged(searchParams.get('access_token'), await read()))
          );
        case `api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/${payment.payment_no}`:
          return (
            (await scripts.pay?.shift()?.()) ??
            signed(party.transaction(payment.payment_no, payment.amount, { payer: { openid } }))
          );
        default:
          throw new Error(`nobody answers ${host}${pathname}`);
      }
    },
  };
  return {
    ...{ clock, uploads, tokenRequests, requests, signed },
    report: createShippingReport(parseWechatDocument(document), io),
    isManaged: (of: string) => isTradeManaged(parseWechatDocument(document), io, of),
    revoke: () => {
      for (const { text } of tokens.values()) revoked.add(text);
    },
    /** Somebody else has another made. */
    refresh: () => void makeToken(appid),
  };
}

const errcode = (code: number) => () => Response.json({ errcode: code, errmsg: `rid: ${openid} ${contact}` });

describe('what WeChat is told of an order that was sent', () => {
  const bodyOf = async (changes: Partial<Shipping> = {}) => {
    const { report, uploads } = createApi();
    expect(await report(payment, { ...byCourier, ...changes })).toEqual({ state: 'told' });
    return uploads[0]?.body;
  };

  it('names the payment, the payer, what was sent, how and when', async () => {
    expect(await bodyOf()).toEqual({
      order_key: { order_number_type: 1, mchid, out_trade_no: payment.payment_no },
      logistics_type: 1,
      delivery_mode: 1,
      shipping_list: [
        {
          ...{ tracking_no: 'SF1', express_company: 'SF', item_desc: '苹果*1' },
          contact: { receiver_contact: contact },
        },
      ],
      upload_time: '2026-11-22T10:59:58.123+08:00',
      payer: { openid },
    });
  });

  it('says the same again of the same, however late, so that it is no correction', async () => {
    const { report, uploads, clock } = createApi();
    await report(payment, byCourier);
    clock.now += 90 * MINUTE_MS;
    await report(payment, byCourier);
    const [first, second] = uploads;
    expect(second).toEqual(first);
  });

  it('has several parcels as one delivery in parts that is complete', async () => {
    const other = { express_company: 'ZTO', tracking_no: 'ZTO1', contact: null };
    expect(await bodyOf({ parcels: [parcel, other] })).toMatchObject({
      delivery_mode: 2,
      is_all_delivered: true,
      shipping_list: [
        { tracking_no: 'SF1', express_company: 'SF', item_desc: '苹果*1' },
        { tracking_no: 'ZTO1', express_company: 'ZTO', item_desc: '苹果*1' },
      ],
    });
  });

  it('names no contact where there is none', async () => {
    const body = await bodyOf({ parcels: [{ ...parcel, contact: null }] });
    expect(body?.['shipping_list']).toEqual([
      { tracking_no: 'SF1', express_company: 'SF', item_desc: '苹果*1' },
    ]);
  });

  it.each([
    ['city', 2],
    ['virtual', 3],
    ['pickup', 4],
  ] as const)('has no parcels where nothing goes by courier: %s', async (logistics_type, number) => {
    expect(await bodyOf({ logistics_type, parcels: [] })).toMatchObject({
      ...{ logistics_type: number, delivery_mode: 1, shipping_list: [{ item_desc: '苹果*1' }] },
    });
  });

  it('is sent as JSON, and bears a token only once it has one', async () => {
    const { report, requests } = createApi();
    await report(payment, byCourier);
    const sent = requests.filter(({ method }) => method === 'POST');
    expect(sent.map(({ url }) => url)).toEqual([
      'https://api.weixin.qq.com/cgi-bin/stable_token',
      `https://api.weixin.qq.com/wxa/sec/order/upload_shipping_info?access_token=TOKEN-${appid}-1`,
    ]);
    for (const { headers } of sent) {
      expect(headers.get('content-type')).toBe('application/json');
      expect(headers.get('user-agent')).toBe('settle');
    }
  });

  it('is told in the app that was paid in, the usual one where none is named', async () => {
    const { report, uploads } = createApi();
    await report({ ...payment, appid: 'wx2' }, byCourier);
    await report({ ...payment, appid: null }, byCourier);
    expect(uploads.map(({ appid: of }) => of)).toEqual(['wx2', appid]);
  });

  it('asks nobody for an app without a secret', async () => {
    const fail: Script = [
      () => {
        throw new Error('asked');
      },
    ];
    const { report } = createApi({ token: fail, upload: fail, pay: fail });
    expect(await report({ ...payment, appid: 'wx3' }, byCourier)).toEqual({ state: 'unsupported' });
    expect(await report({ ...payment, appid: 'wx-of-nobody' }, byCourier)).toEqual({ state: 'unsupported' });
    expect(fail).toHaveLength(1);
  });
});

describe('an app’s token', () => {
  it('is asked for without forcing another, and kept', async () => {
    const { report, tokenRequests, uploads } = createApi();
    for (let times = 0; times < 3; times++) await report(payment, byCourier);
    const asked = { grant_type: 'client_credential', appid, secret, force_refresh: false };
    expect(tokenRequests).toEqual([asked]);
    expect(uploads).toHaveLength(3);
  });

  it('is each app’s own', async () => {
    const { report, tokenRequests } = createApi();
    for (const of of [appid, 'wx2', appid, 'wx2']) await report({ ...payment, appid: of }, byCourier);
    expect(tokenRequests.map((request) => request['appid'])).toEqual([appid, 'wx2']);
  });

  it('is renewed five minutes before its time is over', async () => {
    const { report, tokenRequests, clock } = createApi();
    await report(payment, byCourier);
    clock.now = START + 115 * MINUTE_MS - 1;
    await report(payment, byCourier);
    expect(tokenRequests).toHaveLength(1);
    clock.now = START + 115 * MINUTE_MS;
    await report(payment, byCourier);
    expect(tokenRequests).toHaveLength(2);
  });

  it('that is refused is asked for anew, and none is forced where there is another by then', async () => {
    const { report, revoke, refresh, tokenRequests } = createApi();
    await report(payment, byCourier);
    revoke();
    refresh();
    expect(await report(payment, byCourier)).toEqual({ state: 'told' });
    expect(tokenRequests.map((request) => request['force_refresh'])).toEqual([false, false]);
  });

  it.each([40001, 40014, 42001])('that is refused by %i and given again is forced once', async (code) => {
    const { report, tokenRequests, uploads } = createApi({ upload: [errcode(code)] });
    expect(await report(payment, byCourier)).toEqual({ state: 'told' });
    expect(tokenRequests.map((request) => request['force_refresh'])).toEqual([false, false, true]);
    expect(uploads).toHaveLength(1);
  });

  it('that was revoked is replaced by another, which is kept', async () => {
    const { report, revoke, tokenRequests, uploads } = createApi();
    await report(payment, byCourier);
    revoke();
    expect(await report(payment, byCourier)).toEqual({ state: 'told' });
    const asked = tokenRequests.length;
    await report(payment, byCourier);
    expect([tokenRequests.length, uploads.length]).toEqual([asked, 3]);
  });

  it('that is refused again is left for the next time', async () => {
    const { report, tokenRequests } = createApi({ upload: [errcode(40001), errcode(40001)] });
    await expect(report(payment, byCourier)).rejects.toThrow('errcode 40001');
    expect(tokenRequests).toHaveLength(3);
    expect(await report(payment, byCourier)).toEqual({ state: 'told' });
  });

  it.each<[string, string, () => Response]>([
    ['a refusal of the secret', 'errcode 40125', errcode(40125)],
    ['a refusal of our address', 'errcode 40164', errcode(40164)],
    ['no token', 'no errcode', () => Response.json({ expires_in: 7200 })],
    ['a token of no form', 'no errcode', () => Response.json({ access_token: 'a b', expires_in: 7200 })],
    ['a token that is no text', 'no errcode', () => Response.json({ access_token: 7, expires_in: 7200 })],
    ['no time', 'no errcode', () => Response.json({ access_token: 'T' })],
    ['HTML', 'JsonError', () => new Response('<html>')],
    ['a 502', 'HTTP 502', () => new Response('{}', { status: 502 })],
  ])('is none of %s, and the next time it is asked for again', async (_, reason, answer) => {
    const { report, uploads } = createApi({ token: [answer] });
    const message = expect.stringMatching(`^WeChat POST /cgi-bin/stable_token: .*${reason}`);
    const failure = { name: 'ProviderCallError', message };
    await expect(report(payment, byCourier)).rejects.toMatchObject(failure);
    expect(uploads).toEqual([]);
    expect(await report(payment, byCourier)).toEqual({ state: 'told' });
  });
});

describe('an errcode', () => {
  const answered = (code: number, version = 1) =>
    createApi({ upload: [errcode(code)] }).report(payment, { ...byCourier, version });

  it('says that it is known already', async () => {
    expect(await answered(10060023)).toEqual({ state: 'told' });
    expect(await answered(10060023, 3)).toEqual({ state: 'told' });
  });

  it.each([10060002, 10060003])('%i says that it was sent before: no correction is taken', async (code) => {
    expect(await answered(code)).toEqual({ state: 'told' });
    expect(await answered(code, 2)).toEqual({ state: 'refused', code: `${code}` });
  });

  it.each([
    ...[10060004, 10060005, 10060006, 10060007, 10060008, 10060009, 10060014, 10060020, 10060024, 10060025],
    ...[10060026, 10060031, 268485194, 268485195, 268485196, 268485197, 268485216, 268485224, 268485226],
    ...[268485227, 268485228, 47001],
  ])('%i is a refusal', async (code) => {
    expect(await answered(code)).toEqual({ state: 'refused', code: `${code}` });
  });

  it.each([...[-1, 10060001, 10060012, 10060019, 45009, 45011, 48001, 40097, 99999]])(
    '%i may pass',
    async (code) => {
      const { report, uploads } = createApi({ upload: [errcode(code)] });
      await expect(report(payment, byCourier)).rejects.toMatchObject({
        ...{ name: 'ProviderCallError', provider: 'wechat' },
        message: `WeChat POST /wxa/sec/order/upload_shipping_info: errcode ${code}`,
      });
      expect(await report(payment, byCourier)).toEqual({ state: 'told' });
      expect(uploads).toHaveLength(1);
    },
  );
});

describe('what is no answer', () => {
  const large = () => new Response(' '.repeat(65 * 1024));
  const unreachable = (): Response => {
    throw Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error(`connect to ${secret}`), { code: 'ECONNREFUSED' }),
    });
  };
  const hangs = (): Response => {
    throw new DOMException(`no answer for ${secret}`, 'TimeoutError');
  };

  it.each<[string, string, number | null, () => Response]>([
    ['HTML', 'JsonError', null, () => new Response('<html>')],
    ['an empty body', 'JsonError', null, () => new Response('')],
    ['no errcode', 'no errcode', null, () => Response.json({})],
    ['an errcode that is no number', 'no errcode', null, () => Response.json({ errcode: '0' })],
    ['a 500', 'HTTP 500', 500, () => Response.json({ errcode: 0 }, { status: 500 })],
    [
      'a redirect',
      'HTTP 302',
      302,
      () => new Response('', { status: 302, headers: { location: 'https://evil.example' } }),
    ],
    ['too much', 'too large', null, large],
    ['nobody there', 'ECONNREFUSED', null, unreachable],
    ['a hang', 'TimeoutError', null, hangs],
  ])('is tried again: %s, of which is told %s', async (_, reason, status, answer) => {
    const { report } = createApi({ upload: [answer] });
    await expect(report(payment, byCourier)).rejects.toMatchObject({
      ...{ name: 'ProviderCallError', provider: 'wechat', status },
      message: expect.stringMatching(`^WeChat POST /wxa/sec/order/upload_shipping_info: .*${reason}`),
    });
    expect(await report(payment, byCourier)).toEqual({ state: 'told' });
  });

  it.each<[string, string, (signed: ReturnType<typeof createApi>['signed']) => Response]>([
    [
      'no payer',
      'payer.openid',
      (signed) => signed(party.transaction(payment.payment_no, 1, { payer: undefined })),
    ],
    [
      'an empty openid',
      'payer.openid',
      (signed) => signed(party.transaction(payment.payment_no, 1, { payer: { openid: '' } })),
    ],
    ['no payment', 'payer.openid', (signed) => signed({ code: 'ORDER_NOT_EXIST' }, 404)],
    ['what is not signed', 'not verified', () => Response.json({ payer: { openid: 'oForged' } })],
  ])('the payer is not known of %s', async (_, reason, answer) => {
    const pay: Script = [];
    const { report, uploads, signed } = createApi({ pay });
    pay.push(() => answer(signed));
    await expect(report(payment, byCourier)).rejects.toMatchObject({
      name: 'ProviderCallError',
      message: expect.stringContaining(reason),
    });
    expect(uploads).toEqual([]);
  });
});

describe('whether WeChat manages an app’s trade', () => {
  it('is what it says of that app', async () => {
    const { isManaged } = createApi();
    expect(await isManaged(appid)).toBe(true);
    expect(await isManaged('wx2')).toBe(false);
  });

  it.each<[string, string, () => Response]>([
    ['a refusal', 'errcode 48001', errcode(48001)],
    ['a text', 'errcode 0', () => Response.json({ errcode: 0, is_trade_managed: 'true' })],
    ['nothing', 'no errcode', () => Response.json({})],
  ])('is not known of %s', async (_, reason, answer) => {
    await expect(createApi({ managed: [answer] }).isManaged(appid)).rejects.toMatchObject({
      name: 'ProviderCallError',
      message: expect.stringMatching(`^WeChat POST /wxa/sec/order/is_trade_managed: .*${reason}`),
    });
  });
});

it('no error holds a token, a secret, an openid or a contact', async () => {
  const echo = () => Response.json({ errcode: 45009, errmsg: `${secret} ${openid} ${contact} TOKEN-` });
  const junk = () => new Response(`<html>${secret} ${openid} ${contact} TOKEN-`);
  const thrown = (): Response => {
    throw new TypeError(`${secret} ${openid} ${contact} TOKEN-`);
  };
  for (const answer of [echo, junk, thrown]) {
    for (const scripts of [{ token: [answer] }, { upload: [answer] }, { pay: [answer] }]) {
      const error: unknown = await createApi(scripts)
        .report(payment, byCourier)
        .catch((failure: unknown) => failure);
      expect(error).toMatchObject({ name: 'ProviderCallError' });
      const told = `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)} ${(error as Error).cause}`;
      for (const hidden of [secret, openid, contact, 'TOKEN-']) expect(told).not.toContain(hidden);
    }
  }
});
