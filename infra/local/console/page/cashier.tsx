import { useState } from 'preact/hooks';
import { type OrderRow, paidAt } from '../rows.ts';
import { CloseOrder } from './close-order.tsx';
import { formatAmount, tally } from './format.ts';
import { MiniProgram } from './mini-program.tsx';
import { QrCode } from './qr-code.tsx';
import { type Answer, type ApiBody, callApi, type Outcome, type Payment, simulate } from './server.ts';
import { type Text, useText } from './text.ts';
import { isPayable } from './troubles.ts';

interface CashierProps {
  readonly order: OrderRow;
  readonly payUrl: string | null;
  readonly payment: Payment | null;
  readonly isSimulated: boolean;
  readonly onActed: () => void;
}

/** What the payer sees, and what the payer can do. */
export function Cashier({ order, payUrl, payment, isSimulated, onActed }: CashierProps) {
  const text = useText();
  const provider = paidAt(order);
  return (
    <section class={`card cashier ${provider ?? ''}`} aria-labelledby="cashier-title">
      <h2 id="cashier-title">
        {text('cashier')}
        {provider && ` · ${text(provider)}`}
      </h2>
      {provider === null ? (
        <Points order={order} onActed={onActed} />
      ) : isSimulated ? (
        <>
          <div class="phone">
            <p class="muted">{order.kind === 'tenant' ? order.order_no : order.description}</p>
            <p class="price">{formatAmount(order.amount, order.currency)}</p>
            {order.kind !== 'tenant' && <MiniProgram order={order} />}
            {payUrl?.startsWith('weixin:') && (
              <>
                <QrCode content={payUrl} label={text('qr_label')} />
                <p class="hint">{text('native_hint')}</p>
              </>
            )}
            {payUrl?.startsWith('http') && (!payment || payment.state === 'open') && (
              <>
                <a class="button primary" href={payUrl} referrerpolicy="origin">
                  {text('open_page')}
                </a>
                {!payment && <p class="hint">{text('open_hint')}</p>}
              </>
            )}
          </div>
          {payment && <PayerButtons payment={payment} />}
          {order.status === 'paid' && <RefundButton order_no={order.order_no} />}
          {isPayable(order) && <CloseOrder order={order} onActed={onActed} />}
        </>
      ) : (
        <p class="empty">
          {text('not_simulated')}{' '}
          {payUrl && (
            <a href={payUrl} rel="noreferrer">
              {text('open_page')}
            </a>
          )}
        </p>
      )}
    </section>
  );
}

function PayerButtons({ payment }: { readonly payment: Payment }) {
  const text = useText();
  const [answer, setAnswer] = useState<Answer<Outcome | null> | null>(null);
  const isPaid = payment.state === 'paid';
  const isDone = isPaid || payment.state === 'closed';
  const act =
    (action: 'pay' | 'fail' | 'close', options: object = {}) =>
    async () => {
      const { provider, payment_no } = payment;
      setAnswer(await simulate(`/payments/${provider}/${payment_no}/${action}`, options));
    };
  return (
    <>
      <p class="muted">
        {text('at_provider')}: <span class={`badge ${payment.state}`}>{text(payment.state)}</span>
      </p>
      <div class="buttons">
        <button type="button" class="primary" disabled={payment.state === 'closed'} onClick={act('pay')}>
          {text(isPaid ? 'deliver_again' : 'pay')}
        </button>
        <button type="button" disabled={isDone} onClick={act('pay', { wait_ms: 5_000 })}>
          {text('pay_later')}
        </button>
        <button type="button" disabled={isDone} onClick={act('fail')}>
          {text('fail')}
        </button>
        <button type="button" disabled={isDone} onClick={act('close')}>
          {text('close')}
        </button>
      </div>
      <p class="said" role="status">
        {answer && describe(answer, text)}
      </p>
    </>
  );
}

/** Returns what was paid, as the merchant would. */
function RefundButton({ order_no }: { readonly order_no: string }) {
  const text = useText();
  const [answer, setAnswer] = useState<Answer<ApiBody | null> | null>(null);
  const refund = async () => {
    const body = JSON.stringify({ order_no, reason: text('refund_reason') });
    setAnswer(await callApi('POST', '/api/pay/refund', 'admin', body));
  };
  return (
    <>
      <button type="button" onClick={refund}>
        {text('refund_all')}
      </button>
      {answer && answer.status >= 300 && (
        <p class="error" role="alert">
          {text('api_refused', { status: answer.status, message: answer.body?.msg ?? '' })}
        </p>
      )}
    </>
  );
}

/** What came of an action at the simulators. */
export function describe({ status, body }: Answer<Outcome | null>, text: Text): string {
  if (status === 0 || !body) return text('no_answer');
  if (status === 202) return text('comes_later');
  if (body.error !== undefined) return text('simulator_refused', { message: body.error });
  const answers = body.deliveries ?? [{ status: body.status ?? null, body: body.body ?? '' }];
  return text('answered', {
    answers: answers.length === 0 ? text('no_message') : tally(answers, text('unanswered')),
  });
}

function Points({ order, onActed }: { readonly order: OrderRow; readonly onActed: () => void }) {
  const text = useText();
  const [error, setError] = useState('');
  const pay = async () => {
    const { status, body } = await callApi(
      'POST',
      `/v2/orders/${order.order_no.replace('-', '/')}/pay`,
      'user',
    );
    setError(status === 200 ? '' : text('api_refused', { status, message: body?.message ?? '' }));
    onActed();
  };
  return order.status === 'paid' ? (
    <p>{text('points_done')}</p>
  ) : (
    <>
      <p class="hint">{text('points_only')}</p>
      <button type="button" class="primary" onClick={pay}>
        {text('pay_points')}
      </button>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </>
  );
}
