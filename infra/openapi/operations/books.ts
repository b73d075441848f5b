import { exceptionKinds, shopKinds } from '../../../lib/orders/kinds.ts';
import { adminErrors, bodyErrors, jsonContent, payAnswers } from '../answers.ts';
import { idempotencyKey, inPath, inQuery, paging } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';

const tags = ['Books'] as const;
const refund = {
  order_no: 'mall-1',
  refund_no: 'mall-1-r1',
  status: 'succeeded',
  amount: '5.00',
  currency: 'CNY',
  created_at: '2026-11-22T08:00:00.000Z',
};
const shops = shopKinds.map((kind) => `\`shop:${kind}\``).join(', ');
const instant = { type: 'string', examples: ['2026-11-21T16:00:00Z', '2026-11-22'] };

export const bookOperations: Operations = {
  refund: {
    tags,
    summary: 'Return a payment, or a part of it',
    parameters: [idempotencyKey(true)],
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('RefundRequest'), {
        order_no: 'mall-1',
        amount: 5,
        reason: '缺货',
      }),
    },
    responses: {
      200: payAnswers.success('The provider has decided.', schemaReference('Refund'), '成功', refund),
      202: payAnswers.success(
        'The provider has not decided yet, or did not answer; it is asked until it has. Ask again with the same key to see.',
        schemaReference('Refund'),
        '退款处理中',
        { ...refund, status: 'open' },
      ),
      ...payAnswers.errors({
        ...adminErrors,
        ...bodyErrors,
        400: ['A field is wrong, or more is asked for than is left.', 'amount 超过可退金额 14.99'],
        404: ['There is no such order, or no such money in suspense.', '订单不存在'],
        409: [
          'Nothing is left to return, or the key came with another body.',
          'order_no 对应的订单没有可退的款项',
        ],
      }),
    },
  },
  'get-ledger': {
    tags,
    summary: "An account's journal entries in time order, and the period's sums",
    description: 'What was booked within the last second may be missing.',
    parameters: [
      inPath(
        'account',
        { type: 'string' },
        'shop:mall',
        `\`tenant:<id>\`, ${shops}, \`provider:<provider>.<merchant>\` or \`suspense:<provider>.<merchant>\`.`,
      ),
      inQuery('from', instant, 'The first instant, in UTC; by default 24 hours before `to`.'),
      inQuery('to', instant, 'The instant after the last; by default now, at most 31 days after `from`.'),
      ...paging,
    ],
    responses: {
      200: payAnswers.success('A page of entries.', schemaReference('LedgerPage'), '成功', {
        account: 'shop:mall',
        from: '2026-11-21T08:00:00.000Z',
        to: '2026-11-22T08:00:00.000Z',
        entries: [
          {
            order_no: 'mall-1',
            kind: 'payment',
            debit: 'provider:wechat.1900000001',
            credit: 'shop:mall',
            amount: '19.99',
            currency: 'CNY',
            provider: 'wechat',
            merchant: '1900000001',
            transaction_id: '4200000000000001',
            booked_at: '2026-11-21T09:00:00.000Z',
          },
        ],
        sums: [{ currency: 'CNY', debit: '0.00', credit: '19.99' }],
        cursor: null,
      }),
      ...payAnswers.errors({
        ...adminErrors,
        400: ['A parameter is wrong, or the period holds too many entries to add up.', 'from 须早于 to'],
      }),
    },
  },
  'list-exceptions': {
    tags,
    summary: 'What is genuine and did not fit its order, newest first; those that are open',
    description: 'A page can be short, even empty, and still have a next one. A tenant sees its own.',
    parameters: [inQuery('kind', { enum: exceptionKinds }, 'Only of this kind.'), ...paging],
    responses: {
      200: payAnswers.success('A page of exceptions.', schemaReference('ExceptionsPage'), '成功', {
        exceptions: [
          {
            order_no: 'mall-1',
            payment_no: 'mall-1-2',
            kind: 'paid_twice',
            state: 'open',
            provider: 'wechat',
            merchant: '1900000001',
            transaction_id: '4200000000000002',
            refund_no: null,
            fields: [],
            amount: '19.99',
            currency: 'CNY',
            recorded_at: '2026-11-22T08:00:00.000Z',
          },
        ],
        cursor: null,
      }),
      ...payAnswers.errors({ ...adminErrors, 400: ['A parameter is wrong.', 'limit 须为 1 到 100 的整数'] }),
    },
  },
};
