import { ordersCsv } from '../../../lib/http/orders-api.ts';
import type { ListedOrder, OrderState } from '../../../lib/http/responses/orders.ts';
import { orderKinds, orderStatuses } from '../../../lib/orders/kinds.ts';
import {
  adminErrors,
  listAnswer,
  parameterWords,
  payAnswers,
  sizeError,
  unwantedErrors,
} from '../answers.ts';
import { inPath, inQuery, instant, paging } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';

const tags = ['Orders'] as const;
const order_no = 'p01KAP3V8R0000000000070A1B2';

const order: OrderState = {
  order_no,
  status: 'paid',
  amount: '19.99',
  currency: 'CNY',
  provider: 'wechat',
  transaction_id: '4200000000000001',
  created_at: '2026-11-22T08:00:00.000Z',
  paid_at: '2026-11-22T08:01:00.000Z',
  refunded_amount: '0.00',
  exceptions: 0,
};

const listed: ListedOrder = {
  ...order,
  kind: 'tenant',
  tenant_id: 7,
  description: '苹果 5 斤',
  expires_at: '2026-11-22T10:00:00.000Z',
  closed_by: null,
  disputes: 0,
};

const ofOrder = [inPath('order_no', { type: 'string' }, order_no)];

const notFound = [
  ['order_not_found'],
  "There is no such order, or it is another tenant's.",
  '订单不存在',
] as const;

export const orderOperations: Operations = {
  'list-orders': {
    tags,
    role: 'viewer',
    summary: "Orders of a tenant, or of a kind of a shop's, newest first",
    description:
      'Of a period of at most 31 days in which they were made. A page can be short, even empty, and still have a next one. To a tenant, orders of a shop or of another are none.',
    parameters: [
      inQuery('kind', { enum: orderKinds }, 'Only of this kind; needed where no tenant is named.'),
      inQuery(
        'tenant_id',
        { type: 'integer', minimum: 1 },
        "Of this tenant; a token of a tenant's stands for it.",
      ),
      inQuery('status', { enum: orderStatuses }, 'Only in this state.'),
      inQuery('from', instant, 'The first instant, in UTC; by default a week before `to`.'),
      inQuery('to', instant, 'The instant after the last; by default now, at most 31 days after `from`.'),
      ...paging,
    ],
    responses: {
      200: listAnswer('A page of orders.', 'OrdersPage', { orders: [listed], cursor: null }, ordersCsv),
      ...payAnswers.errors({
        ...adminErrors,
        400: [
          ['missing_field', ...parameterWords],
          'A parameter is wrong, or neither a tenant nor a kind is named.',
          'tenant_id 或 kind（mall、meal）必填其一',
        ],
      }),
    },
  },
  'get-order': {
    tags,
    role: 'viewer',
    summary: "An order's state, a shop's or a tenant's",
    description: 'A pending payment is asked about at its provider, at most every five seconds.',
    parameters: ofOrder,
    responses: {
      200: payAnswers.success('The order.', schemaReference('OrderState'), '成功', order),
      ...payAnswers.errors({ ...adminErrors, ...unwantedErrors, 404: notFound }),
    },
  },
  'get-order-history': {
    tags,
    role: 'viewer',
    summary: 'All that is stored of an order, in the order of time',
    description: 'Its payments, refunds, entries, exceptions, disputes and what was sent.',
    parameters: ofOrder,
    responses: {
      200: payAnswers.success('The order and its history.', schemaReference('OrderHistory'), '成功', {
        order: listed,
        history: [
          {
            type: 'payment',
            at: '2026-11-22T08:00:00.000Z',
            payment_no: order_no,
            provider: 'wechat',
            merchant: '1900000001',
            scene: 'desktop',
            amount: '19.99',
            currency: 'CNY',
            state: 'paid',
            current: true,
            transaction_id: '4200000000000001',
            paid_at: '2026-11-22T08:01:00.000Z',
            expires_at: '2026-11-22T10:00:00.000Z',
            refunded_amount: '0.00',
            refundable_amount: '19.99',
          },
          {
            type: 'entry',
            at: '2026-11-22T08:01:00.000Z',
            order_no,
            kind: 'payment',
            debit: 'provider:wechat.1900000001',
            credit: 'tenant:7',
            amount: '19.99',
            currency: 'CNY',
            provider: 'wechat',
            merchant: '1900000001',
            transaction_id: '4200000000000001',
            booked_at: '2026-11-22T08:01:00.000Z',
          },
        ],
      }),
      ...payAnswers.errors({ ...adminErrors, ...unwantedErrors, 404: notFound }),
    },
  },
  'close-order': {
    tags,
    role: 'admin',
    summary: "Give an order up, a shop's or a tenant's",
    description:
      'Its payment is closed at the provider first, and at once or not at all; what is paid all the same waits in suspense. Closing a closed order changes nothing.',
    parameters: ofOrder,
    responses: {
      200: payAnswers.success('The order is closed.', schemaReference('OrderState'), '成功', {
        ...order,
        status: 'closed',
        transaction_id: null,
        paid_at: null,
      }),
      ...payAnswers.errors({
        ...adminErrors,
        ...unwantedErrors,
        404: notFound,
        409: [
          ['order_not_closable', 'order_changing'],
          'It is paid or being paid, or changes at this moment.',
          '订单已支付或正在支付，不能关闭',
        ],
        ...sizeError,
        502: [
          ['provider_failed'],
          'The provider did not answer as it should: ask again.',
          '支付渠道暂时不可用，请稍后重试',
        ],
      }),
    },
  },
};
