import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Announcement, readAnnouncement } from '../../../lib/notifications/announcement.ts';
import {
  type FindCurrencyFormat,
  MAX_CONTENT_BYTES,
  renderMessage,
  splitIntoMessages,
} from '../../../lib/notifications/message.ts';
import { exceptionKinds, type Item, owedItem, paidOrder } from './items.ts';

const formats = new Map([
  ['CNY', { digits: 2, step: 1 }],
  ['USD', { digits: 2, step: 1 }],
  ['JPY', { digits: 0, step: 1 }],
  ['ISK', { digits: 2, step: 100 }],
]);
const findFormat: FindCurrencyFormat = (_provider, currency) => formats.get(currency);

function read(item: Readonly<Record<string, unknown>>): Announcement {
  const announcement = readAnnouncement(item);
  if (!announcement) throw new Error('the item cannot be read');
  return announcement;
}

const render = (...items: Readonly<Record<string, unknown>>[]) => renderMessage(items.map(read), findFormat);

function split(items: readonly Item[]): string[] {
  const messages = splitIntoMessages(items.map(read), (announcement) => announcement, findFormat);
  return Array.from(messages, (message) => renderMessage(message, findFormat));
}

const mallOrder = {
  ...{ pk: 'ORDER#mall-1', sk: 'ORDER', order_no: 'mall-1', kind: 'mall', id: 1, status: 'paid' },
  ...{ provider: 'wechat', amount: 1999, currency: 'CNY', points: 0, description: '奶茶' },
  paid_at: '2026-01-01T16:00:05.000Z',
};
const tenantOrder = {
  ...{ pk: 'ORDER#p01', sk: 'ORDER', order_no: 'p01', kind: 'tenant', tenant_id: 42, status: 'paid' },
  ...{ provider: 'stripe', amount: 500, currency: 'JPY', paid_at: '2026-01-02T00:00:00+08:00' },
};
const exception = {
  ...{ pk: 'ORDER#meal-9', sk: 'EXCEPTION#mismatch#alipay#T1', order_no: 'meal-9', kind: 'mismatch' },
  ...{ provider: 'alipay', transaction_id: 'T1', fields: ['amount', 'currency'], amount: 1, currency: 'CNY' },
  recorded_at: '2026-01-01T00:00:00.000Z',
};

describe('a message', () => {
  it('says what was paid, alerts first', () => {
    const free = { ...mallOrder, order_no: 'mall-2', provider: null, amount: 0, points: 300 };
    expect(render(mallOrder, tenantOrder, exception, free)).toBe(
      [
        '**<font color="warning">收款异常</font>** 1 笔，请人工核对',
        '> 信息不符（金额、货币） `meal-9` CNY 0.01 支付宝 2026-01-01 08:00:00（北京时间）',
        '',
        '**收款通知** 3 笔 合计 CNY 19.99、JPY 500',
        '> 商城 `mall-1` CNY 19.99 微信支付 2026-01-02 00:00:05（北京时间） 奶茶',
        '> 租户 42 `p01` JPY 500 Stripe 2026-01-02 00:00:00（北京时间）',
        '> 商城 `mall-2` CNY 0.00 300 积分 2026-01-02 00:00:05（北京时间） 奶茶',
      ].join('\n'),
    );
  });

  it.each(Object.entries(exceptionKinds))('names an exception of kind %s: %s', (kind, label) => {
    expect(render({ ...exception, kind, fields: [] })).toContain(`> ${label} \`meal-9\``);
  });

  it('tells of an amount whose currency is unknown or absent', () => {
    expect(render({ ...exception, amount: 7, currency: 'X<Y' })).toContain('X＜Y 7（最小单位）');
    expect(render({ ...exception, amount: 7, currency: null })).toContain('货币不详 7（最小单位）');
    expect(render({ ...exception, amount: null, currency: null })).not.toContain('最小单位');
  });

  it('adds up amounts past what a number holds', () => {
    const large = { ...mallOrder, amount: Number.MAX_SAFE_INTEGER };
    expect(render(large, large)).toContain('合计 CNY 180143985094819.82');
  });

  it('makes text from outside harmless', () => {
    const description = '\r\n> **假** <@all> [点我](http://evil.example) `x` \u202egnp.exe';
    const text = render({ ...mallOrder, description });
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('（北京时间） ＞ ＊＊假＊＊ ＜＠all＞');
    expect(text.slice(text.indexOf('（北京时间）'))).not.toMatch(/[<>*[\]()`\r\n\u202e]/);
  });

  it('is one for a batch that fits', () => {
    const orders = Array.from({ length: 30 }, (_, index) => ({ ...mallOrder, order_no: `mall-${index}` }));
    expect(split(orders)).toHaveLength(1);
  });
});

describe('the size of a message', () => {
  const filled = (bytes: number) => {
    const orders: Item[] = [mallOrder];
    const size = () => Buffer.byteLength(render(...orders));
    const line = Buffer.byteLength(`\n${render(mallOrder).split('\n')[1]}`);
    while (size() + 2 * line < bytes) orders.push(mallOrder);
    const last = { ...tenantOrder, ...{ currency: 'CNY', amount: 0, tenant_id: 1 } };
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
        const messages = [...splitIntoMessages(announcements, (announcement) => announcement, findFormat)];
        expect(messages.flat()).toEqual(announcements);
        messages.slice(1).forEach((message, index) => {
          const longer = [...(messages[index] ?? []), ...message.slice(0, 1)];
          expect(Buffer.byteLength(renderMessage(longer, findFormat))).toBeGreaterThan(MAX_CONTENT_BYTES);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('have one line for each item, whatever its text, with no markup of its own', () => {
    fc.assert(
      fc.property(paidOrder, (order) => {
        const [, line = '', ...rest] = render(order).split('\n');
        expect(rest).toEqual([]);
        expect(line.slice(1).replace(`\`${order.order_no}\``, '')).not.toMatch(/[<>*_`#[\]()\\\p{C}\u2028]/u);
        expect(Buffer.from(line).toString()).toBe(line);
      }),
    );
  });
});

describe('reading an item', () => {
  it.each(['paid', 'refunding', 'refunded'])('takes an order that is %s: it was paid', (status) => {
    expect(readAnnouncement({ ...mallOrder, status })).toMatchObject({ type: 'payment', order_no: 'mall-1' });
  });

  it.each([
    ['an order that is not paid', { ...mallOrder, status: 'pending' }],
    ['an order without an amount', { ...mallOrder, amount: undefined }],
    ['an amount that is no integer', { ...mallOrder, amount: 0.5 }],
    ['a negative amount', { ...mallOrder, amount: -1 }],
    ['a provider that we do not know', { ...mallOrder, provider: 'constructor' }],
    ['a time that is none', { ...mallOrder, paid_at: 'yesterday' }],
    ['an order number that could be markup', { ...mallOrder, order_no: '`**x' }],
    ['an exception of a kind that we do not know', { ...exception, kind: 'toString' }],
    ['a journal entry', { ...mallOrder, sk: 'ENTRY#PAYMENT' }],
  ])('refuses %s', (_, item) => {
    expect(readAnnouncement(item)).toBeNull();
  });
});
