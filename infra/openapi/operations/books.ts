import { exceptionsCsv, listedStates } from '../../../lib/http/exceptions-api.ts';
import { ledgerCsv } from '../../../lib/http/ledger-api.ts';
import { reconciliationsCsv } from '../../../lib/http/reconciliations-api.ts';
import type { Exception } from '../../../lib/http/responses/exceptions.ts';
import { exceptionKinds, providers, shopKinds } from '../../../lib/orders/kinds.ts';
import {
  adminErrors,
  bodyErrors,
  fieldWords,
  jsonContent,
  listAnswer,
  parameterWords,
  payAnswers,
  unwantedErrors,
} from '../answers.ts';
import { inPath, inQuery, instant, paging } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';
import { refundExample, refundOperations } from './refunds.ts';

const tags = ['Books'] as const;
const exceptionMissing = [
  ['exception_not_found'],
  "There is no such exception, or it is another tenant's.",
  '异常不存在',
] as const;
const exception: Exception = {
  id: 'WyJtYWxsLTEiLCJwYWlkX3R3aWNlI3dlY2hhdCNtYWxsLTEtMiM0MjAwMDAwMDAwMDAwMDAyIl0',
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
  reason: null,
  due_by: null,
  recorded_at: '2026-11-22T08:00:00.000Z',
  resolutions: ['attributed', 'returned', 'written_off', 'dismissed'],
  resolved: null,
};
const shops = shopKinds.map((kind) => `\`shop:${kind}\``).join(', ');
const day = { type: 'string', format: 'date', examples: ['2026-11-21'] };

export const bookOperations: Operations = {
  ...refundOperations,
  'get-ledger': {
    tags,
    role: 'viewer',
    summary: "An account's journal entries in time order, and the period's sums",
    description: 'What was booked within the last second may be missing.',
    parameters: [
      inPath(
        'account',
        { type: 'string' },
        'shop:mall',
        `\`tenant:<id>\`, ${shops}, \`provider:<provider>.<merchant>\`, \`suspense:<provider>.<merchant>\` or \`fees:<provider>.<merchant>\`.`,
      ),
      inQuery('from', instant, 'The first instant, in UTC; by default 24 hours before `to`.'),
      inQuery('to', instant, 'The instant after the last; by default now, at most 31 days after `from`.'),
      ...paging,
    ],
    responses: {
      200: listAnswer(
        'A page of entries.',
        'LedgerPage',
        {
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
          days: [
            { from: '2026-11-21T08:00:00.000Z', sums: [{ currency: 'CNY', debit: '0.00', credit: '19.99' }] },
          ],
          cursor: null,
        },
        ledgerCsv,
      ),
      ...payAnswers.errors({
        ...adminErrors,
        400: [
          [...parameterWords, 'too_many_entries'],
          'A parameter is wrong, or the period holds too many entries to add up.',
          'from 须早于 to',
        ],
        404: [['account_not_found'], "The account is another tenant's than the token's.", '账户不存在'],
      }),
    },
  },
  'list-exceptions': {
    tags,
    role: 'viewer',
    summary: 'What is genuine and did not fit its order, newest first',
    description: 'A page can be short, even empty, and still have a next one. A tenant sees its own.',
    parameters: [
      inQuery('kind', { enum: exceptionKinds }, 'Only of this kind.'),
      inQuery('state', { enum: listedStates, default: 'open' }, 'Only in this state.'),
      inQuery('tenant_id', { type: 'integer', minimum: 1 }, "Only this tenant's."),
      ...paging,
    ],
    responses: {
      200: listAnswer(
        'A page of exceptions.',
        'ExceptionsPage',
        {
          exceptions: [exception],
          cursor: null,
        },
        exceptionsCsv,
      ),
      ...payAnswers.errors({
        ...adminErrors,
        400: [parameterWords, 'A parameter is wrong.', 'limit 须为 1 到 100 的整数'],
      }),
    },
  },
  'get-exception': {
    tags,
    role: 'viewer',
    summary: 'An exception, and what each of its ends would come to',
    description:
      'What an end would book and return is decided as its resolution is, and nothing is written. The resolution decides anew.',
    parameters: [inPath('id', { type: 'string' }, exception.id, "An exception's `id` in the list.")],
    responses: {
      200: payAnswers.success('The exception.', schemaReference('ExceptionView'), '成功', {
        exception,
        status: 'pending',
        previews: [
          {
            resolution: 'attributed',
            refused: {
              error: 'resolution_not_possible',
              message: '订单仍可支付：请先关闭订单，或改用另一种处理方式',
            },
            entries: [],
            refund: null,
            checks_payment: false,
            status: 'pending',
          },
          {
            resolution: 'returned',
            refused: null,
            entries: [],
            refund: { amount: '19.99', currency: 'CNY' },
            checks_payment: false,
            status: 'pending',
          },
        ],
      }),
      ...payAnswers.errors({ ...adminErrors, ...unwantedErrors, 404: exceptionMissing }),
    },
  },
  'resolve-exception': {
    tags,
    role: 'admin',
    summary: 'End an exception, and book what that means',
    description:
      'The same end again is the same reply. What goes back to a payer is asked of the provider afterwards, like any refund.',
    parameters: [inPath('id', { type: 'string' }, exception.id, "An exception's `id` in the list.")],
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('ResolutionRequest'), {
        resolution: 'returned',
        reason: '顾客重复付款',
      }),
    },
    responses: {
      200: payAnswers.success('It has ended.', schemaReference('ResolvedException'), '成功', {
        exception: {
          ...exception,
          state: 'resolved',
          resolutions: [],
          resolved: {
            resolution: 'returned',
            reason: '顾客重复付款',
            by: 'admin-1',
            at: '2026-11-22T09:00:00.000Z',
          },
        },
        entries: [],
        refund: {
          ...refundExample,
          transaction_id: '4200000000000002',
          payment_no: 'mall-1-2',
          amount: '19.99',
          status: 'open',
          decided_at: null,
        },
        status: 'paid',
      }),
      ...payAnswers.errors({
        ...adminErrors,
        ...bodyErrors,
        400: [
          fieldWords,
          'A field is wrong, or an exception of this kind does not end so.',
          'resolution 对此异常须为 written_off、dismissed 之一',
        ],
        404: exceptionMissing,
        409: [
          [
            'already_resolved',
            'resolution_not_possible',
            'nothing_to_refund',
            'in_dispute',
            'order_changing',
          ],
          'It has ended otherwise, or its money does not allow this end; the message says what to do.',
          '订单仍可支付：请先关闭订单，或改用另一种处理方式',
        ],
      }),
    },
  },
  'list-reconciliations': {
    tags,
    role: 'viewer',
    summary: "What the provider's bill of each day and the books came to, newest day first",
    description:
      "A day is the provider's. It is reconciled once its bill is there; what differs then is an exception. A tenant's token sees those of its own merchants.",
    parameters: [
      inQuery('provider', { enum: providers }, 'Only at this provider.'),
      inQuery('from', day, 'The first day; by default a week up to `to`.'),
      inQuery(
        'to',
        day,
        'The last day; by default today in China, where days begin first, at most 31 days from `from` on.',
      ),
      ...paging,
    ],
    responses: {
      200: listAnswer(
        'A page of days.',
        'ReconciliationsPage',
        {
          reconciliations: [
            {
              provider: 'wechat',
              merchant: '1900000001',
              day: '2026-11-21',
              state: 'differs',
              rows: 3,
              agreed: 1,
              settled: 1,
              under_way: 0,
              undecided: 0,
              foreign: 0,
              differences: { missing_here: 1, missing_there: 0, other_amount: 0, unknown_row: 0 },
              others: [],
              sums: [{ kind: 'payment', currency: 'CNY', amount: '59.97' }],
              fees: [{ kind: 'payment', currency: 'CNY', amount: '0.36000' }],
              started_at: '2026-11-22T02:00:01.000Z',
              finished_at: '2026-11-22T02:00:02.000Z',
            },
          ],
          cursor: null,
        },
        reconciliationsCsv,
      ),
      ...payAnswers.errors({
        ...adminErrors,
        400: [parameterWords, 'A parameter is wrong.', 'from 到 to 不能超过 31 天'],
      }),
    },
  },
};
