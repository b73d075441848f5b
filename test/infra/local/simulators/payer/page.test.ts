import { describe, expect, it } from 'vitest';
import type { Call } from '../../../../../infra/local/simulators/http.ts';
import { type PayerPage, payerPage } from '../../../../../infra/local/simulators/payer/page.ts';
import type { Payment } from '../../../../../infra/local/simulators/payments.ts';

const payment: Payment = {
  provider: 'wechat',
  merchant: '1900000001',
  id: 'mall-1-2',
  payment_no: 'mall-1-2',
  amount: 123_456,
  currency: 'CNY',
  description: '"><script>alert(1)</script>&',
  state: 'open',
  notify_url: 'http://127.0.0.1/notify',
  pay_url: null,
  prepay_id: null,
  transaction_id: null,
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-01-01T00:30:00.000Z',
  paid_at: null,
  discount: { merchant: 0, provider: 0 },
};

const page: PayerPage = { provider: 'wechat', title: { zh: '付款', en: 'Payment' }, payment };

function shown(changes: Partial<PayerPage> = {}, language = 'en') {
  const call = { headers: { 'accept-language': language } } as Partial<Call> as Call;
  const { status, headers, body } = payerPage({ ...page, ...changes }, call);
  const { refresh, 'content-security-policy': policy = '' } = headers;
  return { status, policy, refresh, body: String(body) };
}

const acts = [
  { name: 'pay', wording: { zh: '支付', en: 'Pay' } },
  { name: 'fail', wording: { zh: '失败', en: 'Fail' } },
];

describe('a payer’s page', () => {
  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN', '付款'],
    ['en-US,en;q=0.9', 'en', 'Payment'],
    ['fr', 'zh-CN', '付款'],
  ])('speaks the language that the browser prefers: %s', (preferred, tag, title) => {
    const { body } = shown({}, preferred);
    expect(body).toContain(`<html lang="${tag}">`);
    expect(body).toContain(`<h1>${title}</h1>`);
  });

  it('says what is paid, to whom and until when, and leads to the order in the laboratory', () => {
    const { body } = shown();
    expect(body).toContain('<p class="amount">CN¥1,234.56</p>');
    for (const text of ['1900000001', 'mall-1-2', 'datetime="2026-01-01T00:30:00.000Z"']) {
      expect(body).toContain(text);
    }
    expect(body).toContain('href="/#/orders/mall-1"');
  });

  it('lets no stranger’s text become markup', () => {
    const { body } = shown({ back: { address: 'http://shop.example/"><b>', wording: page.title } });
    expect(body).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
    expect(body).not.toContain('<script>');
    expect(body).not.toContain('<b>');
  });

  it('has a form of what the payer can do, and the first of it pays the amount', () => {
    const { body } = shown({ form: { acts, action: '/pay?a=1&b=2' } });
    expect(body).toContain('<form method="post" action="/pay?a=1&amp;b=2">');
    expect(body).toContain('<button name="act" value="pay" class="primary">Pay CN¥1,234.56</button>');
    expect(body).toContain('<button name="act" value="fail">Fail</button>');
    expect(shown().body).not.toContain('<form');
  });

  it('runs nothing, is in no frame and sends its form to itself alone', () => {
    expect(shown({ form: { acts } }).policy.split('; ')).toEqual([
      "default-src 'none'",
      "style-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
  });

  it('leads back by itself only where it says so', () => {
    const back = { address: 'https://shop.example/paid?a=1&b=2', wording: page.title };
    expect(shown({ back }).refresh).toBeUndefined();
    expect(shown({ leadsBack: true }).refresh).toBeUndefined();
    expect(shown({ back, leadsBack: true }).refresh).toBe(`0; url=${back.address}`);
  });

  it('says before all else what a reader of the screen must hear', () => {
    const notice = { tone: 'bad', wording: { zh: '坏', en: 'Bad' }, code: 'A<B' } as const;
    expect(shown({ notice }).body).toContain('role="alert">Bad <code>A&lt;B</code></p>');
    expect(shown({ notice: { ...notice, tone: 'good' } }).body).toContain('role="status">');
    expect(shown().body).not.toContain('notice');
  });

  it('shows nothing of a payment where the address means none', () => {
    const { status, body } = shown({ status: 404, payment: null });
    expect(status).toBe(404);
    expect(body).not.toMatch(/<dl>|amount/);
    expect(body).toContain('href="/"');
  });
});
