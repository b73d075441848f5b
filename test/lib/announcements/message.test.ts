import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Announcement, readAnnouncement } from '../../../lib/announcements/announcement.ts';
import { MAX_CONTENT_BYTES, renderMessage, splitIntoMessages } from '../../../lib/announcements/message.ts';
import {
  disputeItem,
  exceptionItem,
  exceptionLabels,
  freeOrderItem,
  type Item,
  mallPayment,
  merchantExceptionItem,
  owedItem,
  paidPayment,
  paymentItem,
} from './items.ts';

function read(item: Item): Announcement {
  const announcement = readAnnouncement(item);
  if (!announcement) throw new Error('the item cannot be read');
  return announcement;
}

const render = (...items: Item[]) => renderMessage(items.map(read));

function split(items: readonly Item[]): string[] {
  const messages = splitIntoMessages(items.map(read), (announcement) => announcement);
  return Array.from(messages, (message) => renderMessage(message));
}

const PAID_AT = Date.parse('2026-01-01T16:00:05Z');
const ofMall = mallPayment(1, PAID_AT, { amount: 1999 });
const ofTenant = paymentItem('p01', PAID_AT, {
  ...{
    provider: 'stripe',
    amount: 500,
    currency: 'JPY',
    description: '',
    paid_at: '2026-01-02T00:00:00+08:00',
  },
  ...{ payee: 'tenant:42#7', credit: 'tenant:42#7' },
});
const free = freeOrderItem('meal-2', PAID_AT, { kind: 'meal' });
const exception = exceptionItem('meal-9', Date.parse('2026-01-01T00:00:00Z'), 'mismatch', {
  ...{ provider: 'alipay', fields: ['appid', 'amount', 'currency'], amount: 1 },
});

describe('a message', () => {
  it('says what was paid, alerts first', () => {
    expect(render(ofMall, ofTenant, exception, free)).toBe(
      [
        '**<font color="warning">收款异常</font>** 1 笔，请人工核对',
        '> 信息不符（应用、金额、货币） `meal-9` CNY 0.01 支付宝 2026-01-01 08:00:00（北京时间）',
        '',
        '**收款通知** 3 笔 合计 CNY 19.99、JPY 500',
        '> 商城 `mall-1` CNY 19.99 微信支付 2026-01-02 00:00:05（北京时间） 奶茶',
        '> 租户 42 `p01` JPY 500 Stripe 2026-01-02 00:00:00（北京时间）',
        '> 订餐 `meal-2` CNY 0.00 300 积分 2026-01-02 00:00:05（北京时间） 奶茶',
      ].join('\n'),
    );
  });

  it('names a payment by its order, whichever of its payments it is', () => {
    const second = mallPayment(1, PAID_AT, { sk: 'PAYMENT#2', n: 2, payment_no: 'mall-1-2' });
    expect(render(second)).toContain('> 商城 `mall-1` CNY 1.00');
    expect(render(second)).not.toContain('mall-1-2');
  });

  it.each(Object.entries(exceptionLabels))('names an exception of kind %s: %s', (kind, label) => {
    expect(render({ ...exception, kind, fields: [] })).toContain(`> ${label} \`meal-9\``);
  });

  it.each([
    [
      'where it is not the order’s',
      'meal-9-2',
      '> 信息不符（应用、金额、货币） `meal-9` 付款单号 `meal-9-2` CNY',
    ],
    ['not where it is', 'meal-9', '> 信息不符（应用、金额、货币） `meal-9` CNY'],
    ['not where there is none', null, '> 信息不符（应用、金额、货币） `meal-9` CNY'],
  ])('names the payment of an exception %s', (_, payment_no, expected) => {
    expect(render({ ...exception, payment_no })).toContain(expected);
  });

  it('tells of an exception that no payment has anything to do with', () => {
    const none = { payment_no: null, provider: null, merchant: null, amount: null, currency: null };
    expect(
      render(exceptionItem('mall-1', PAID_AT, 'numbers_exhausted', none))
        .split('\n')
        .at(-1),
    ).toBe('> 付款单号用尽 `mall-1` 2026-01-02 00:00:05（北京时间）');
  });

  it('tells of a dispute again, by when something is to be done about it', () => {
    const opened_at = Date.parse('2026-01-01T00:00:00Z');
    const expected =
      '> 付款争议 `p01` USD 19.99 Stripe 须在 2026-01-08 08:00:00（北京时间） 前处理 2026-01-01 08:00:00（北京时间）';
    expect(render(disputeItem('p01', opened_at)).split('\n').at(-1)).toBe(expected);
    const told = { ...{ provider: 'stripe', amount: 1999, currency: 'USD' }, due_by: '2026-01-08T00:00:00Z' };
    expect(
      render(exceptionItem('p01', opened_at, 'disputed', told))
        .split('\n')
        .at(-1),
    ).toBe(expected);
  });

  it('tells of money that is its order’s after all, and of none that is in suspense', () => {
    const credit = 'suspense:wechat.1#3';
    expect(render({ ...ofMall, credit, attributed_at: '2026-11-21T08:00:00.000Z' })).toBe(render(ofMall));
    expect(readAnnouncement({ ...ofMall, credit })).toBeNull();
  });

  it('tells of an exception that belongs to no order', () => {
    expect(render(merchantExceptionItem(PAID_AT)).split('\n').at(-1)).toBe(
      '> 账单有账本无 CNY 12.34 微信支付 2026-01-02 00:00:05（北京时间）',
    );
  });

  it('tells of an amount whose currency is unknown or absent', () => {
    expect(render({ ...exception, amount: 7, currency: 'X<Y' })).toContain('X＜Y 7（最小单位）');
    expect(render({ ...exception, amount: 7, currency: null })).toContain('货币不详 7（最小单位）');
    expect(render({ ...exception, amount: null, currency: null })).not.toContain('最小单位');
  });

  it('adds up amounts past what a number holds', () => {
    const large = { ...ofMall, amount: Number.MAX_SAFE_INTEGER };
    expect(render(large, large)).toContain('合计 CNY 180143985094819.82');
  });

  it('makes text from outside harmless', () => {
    const description = '\r\n> **假** <@all> [点我](http://evil.example) `x` \u202egnp.exe';
    const text = render({ ...ofMall, description });
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('（北京时间） ＞ ＊＊假＊＊ ＜＠all＞');
    expect(text.slice(text.indexOf('（北京时间）'))).not.toMatch(/[<>*[\]()`\r\n\u202e]/);
  });

  it('is one for a batch that fits', () => {
    const orders = Array.from({ length: 30 }, (_, index) => mallPayment(index, PAID_AT));
    expect(split(orders)).toHaveLength(1);
  });
});

describe('the size of a message', () => {
  const filled = (bytes: number) => {
    const orders: Item[] = [ofMall];
    const size = () => Buffer.byteLength(render(...orders));
    const line = Buffer.byteLength(`\n${render(ofMall).split('\n')[1]}`);
    while (size() + 2 * line < bytes) orders.push(ofMall);
    const last = { ...ofTenant, ...{ currency: 'CNY', amount: 0, tenant_id: 1 } };
    const room = bytes - Buffer.byteLength(render(...orders, last));
    return [...orders, { ...last, order_no: `${last.order_no}${'0'.repeat(room)}` }];
  };

  it('may be all that WeCom takes and no byte more', () => {
    const [full, tooLong] = [filled(MAX_CONTENT_BYTES), filled(MAX_CONTENT_BYTES + 1)];
    expect(Buffer.byteLength(render(...full))).toBe(MAX_CONTENT_BYTES);
    expect(split(full)).toHaveLength(1);
    expect(split(tooLong)).toHaveLength(2);
  });
});

describe('messages for any items', () => {
  const items = fc.array(owedItem, { maxLength: 120, size: 'max' });

  it('keep to the size, name every order, and carry nothing personal and no transaction', () => {
    fc.assert(
      fc.property(items, (owed) => {
        const messages = split(owed);
        for (const message of messages) {
          expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
          expect(message).not.toMatch(/openid-of|user-of|transaction-/);
        }
        const lines = messages
          .flatMap((message) => message.split('\n'))
          .filter((line) => line.startsWith('>'));
        expect(lines).toHaveLength(owed.length);
        for (const { order_no } of owed) {
          expect(lines.some((line) => line.includes(`\`${order_no}\``))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are as few as can be', () => {
    fc.assert(
      fc.property(items, (owed) => {
        const announcements = owed.map(read);
        const messages = [...splitIntoMessages(announcements, (announcement) => announcement)];
        expect(messages.flat()).toEqual(announcements);
        messages.slice(1).forEach((message, index) => {
          const longer = [...(messages[index] ?? []), ...message.slice(0, 1)];
          expect(Buffer.byteLength(renderMessage(longer))).toBeGreaterThan(MAX_CONTENT_BYTES);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('have one line for each item, whatever its text, with no markup of its own', () => {
    fc.assert(
      fc.property(paidPayment, (order) => {
        const [, line = '', ...rest] = render(order).split('\n');
        expect(rest).toEqual([]);
        expect(line.slice(1).replace(`\`${order.order_no}\``, '')).not.toMatch(/[<>*_`#[\]()\\\p{C}\u2028]/u);
        expect(Buffer.from(line).toString()).toBe(line);
      }),
    );
  });
});

describe('reading an item', () => {
  it('takes a payment of which some has gone back: it was made', () => {
    const returned = { reserved: 10, refunded: 20, returned: 30 };
    expect(readAnnouncement({ ...ofMall, ...returned })).toMatchObject({
      type: 'payment',
      order_no: 'mall-1',
    });
  });

  it('takes an exception that somebody has resolved meanwhile: it happened', () => {
    expect(readAnnouncement({ ...exception, state: 'resolved' })).toMatchObject({ type: 'exception' });
  });

  it.each([
    ['a payment that is not paid', { ...ofMall, state: 'closed' }],
    ['a payment that nobody has booked', { ...ofMall, debit: undefined, credit: undefined }],
    [
      'a payment that is booked to suspense',
      { ...ofMall, credit: 'suspense:wechat.merchant-of-the-payment#3' },
    ],
    ['a payment to somebody who has no orders', { ...ofMall, payee: 'fees:x#3', credit: 'fees:x#3' }],
    ['a payment to a tenant that is none', { ...ofTenant, payee: 'tenant:x#3', credit: 'tenant:x#3' }],
    ['a payment without an amount', { ...ofMall, amount: undefined }],
    ['an amount that is no integer', { ...ofMall, amount: 0.5 }],
    ['a negative amount', { ...ofMall, amount: -1 }],
    ['a provider that we do not know', { ...ofMall, provider: 'constructor' }],
    ['a time that is none', { ...ofMall, paid_at: 'yesterday' }],
    ['an order number that could be markup', { ...ofMall, order_no: '`**x' }],
    ['an order that is not paid', { ...free, status: 'pending' }],
    ['an order that costs something', { ...free, amount: 1 }],
    ['an order that a payment has paid', { ...free, paid_by: 1 }],
    ['an order of a kind that we do not know', { ...free, kind: 'toString' }],
    ['an exception of a kind that we do not know', { ...exception, kind: 'toString' }],
    ['an exception of a payment whose number could be markup', { ...exception, payment_no: '`**x' }],
    ['a refund', { ...ofMall, sk: 'REFUND#1' }],
    ['money in suspense', { ...ofMall, sk: 'SUSPENSE#1#T2' }],
  ])('refuses %s', (_, item) => {
    expect(readAnnouncement(item)).toBeNull();
  });
});
