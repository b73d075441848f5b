import { useState } from 'preact/hooks';
import type { OrderRow } from '../rows.ts';
import { callApi } from './server.ts';
import { useText } from './text.ts';

interface CloseOrderProps {
  readonly order: OrderRow;
  readonly onActed: () => void;
}

/** Gives the order up, once it is confirmed: a shop's as its buyer does, a tenant's as an operator does. */
export function CloseOrder({ order, onActed }: CloseOrderProps) {
  const text = useText();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState('');
  const close = async () => {
    setAsking(false);
    const { status, body } = await (order.kind === 'tenant'
      ? callApi('POST', `/api/pay/orders/${order.order_no}/close`, 'admin')
      : callApi('POST', `/v2/orders/${order.order_no.replace('-', '/')}/close`, 'user'));
    const message = body?.message ?? body?.msg ?? '';
    setError(
      status === 200 ? '' : status === 0 ? text('no_answer') : text('api_refused', { status, message }),
    );
    onActed();
  };
  return (
    <>
      {isAsking ? (
        <div class="buttons">
          <button type="button" class="primary" onClick={close}>
            {text('close_order_sure')}
          </button>
          <button type="button" onClick={() => setAsking(false)}>
            {text('keep_order')}
          </button>
        </div>
      ) : (
        <button type="button" onClick={() => setAsking(true)}>
          {text('close_order')}
        </button>
      )}
      <p class="hint">{text('close_order_hint')}</p>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </>
  );
}
