import { type CloseOrderResult, closeOrderOnRequest } from '../orders/close-order.ts';
import type { OrderStore } from '../orders/commit.ts';
import type { Order } from '../orders/order.ts';
import { isOrderNumber } from '../orders/order-number.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { askedBy } from './access.ts';
import { type ApiRequest, type ApiRuntime, createApi } from './api.ts';
import { ApiError, orderNotFound } from './api-error.ts';
import { type Envelope, success } from './reply.ts';
import type { Claims } from './token.ts';
import { orderState } from './view-order.ts';

export interface CloseOrderParts {
  readonly envelope: Envelope;
  readonly role: 'admin' | 'user';
  /** The number of the order that a path names. @throws ApiError */
  readonly orderNumber: (path: ApiRequest<undefined>['path']) => string;
  /** To whom it is denied there is no such order. */
  readonly mayClose: (claims: Claims, order: Order) => boolean;
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Gives an order up: closed at its provider first, and at once or not at all. */
export const createCloseOrderApi = (runtime: ApiRuntime, parts: CloseOrderParts) =>
  createApi(runtime, {
    envelope: parts.envelope,
    role: parts.role,
    handle: async ({ claims, path, annotate, telemetry }) => {
      const { store, merchants, mayClose } = parts;
      const order_no = parts.orderNumber(path);
      if (!isOrderNumber(order_no)) throw orderNotFound();
      annotate({ order_no });
      const ports = reportedPorts({ store, io: runtime.io, merchants }, telemetry);
      const result = await closeOrderOnRequest(ports, { order_no, by: askedBy(claims) }, (order) =>
        mayClose(claims, order),
      );
      if (result.outcome !== 'closed') throw refusal(result);
      annotate({ outcome: 'closed' });
      return success(orderState(result.snapshot));
    },
  });

const refusal = ({ outcome }: Exclude<CloseOrderResult, { outcome: 'closed' }>): ApiError =>
  outcome === 'not_found'
    ? orderNotFound()
    : new ApiError(409, 'order_not_closable', {
        zh: '订单已支付或正在支付，不能关闭',
        en: 'The order is paid or being paid, and cannot be closed',
      });
