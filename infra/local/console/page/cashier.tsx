import { useState } from 'preact/hooks';
import { formatAmount } from '../../../../lib/console/page/format.ts';
import { isPayable, type OrderRow, type PaymentRow, paidAt } from '../rows.ts';
import { cashierState } from './cashier-state.ts';
import { CloseOrder } from './close-order.tsx';
import { tally } from './format.ts';
import { MiniProgram } from './mini-program.tsx';
import { QrCode } from './qr-code.tsx';
import { RefundForm } from './refund-form.tsx';
import { type Answer, callApi, type Outcome, type Payment, simulate } from './server.ts';
import { type Text, useText } from './text.ts';

interface CashierProps {
  readonly order: OrderRow;
  readonly payUrl: string | null;
  readonly payment: Payment | null;
  /** What paid the order; null while nothing has. */
  readonly paying: PaymentRow | null;
  readonly isSimulated: boolean;
  readonly onActed: () => void;
}

/** What the payer sees, and what the payer can do. */
export function Cashier({ order, payUrl, payment, paying, isSimulated, onActed }: CashierProps) {
  const text = useText();
  const provider = paidAt(order);
  const state = cashierState(order, payment?.state ?? null);
  const isReturnable = order.status === 'paid' || order.status === 'refunding';
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
            {state !== 'payable' && (
              <p class={`cashier-state ${state}`}>
                {text(state === 'paid' ? 'cashier_paid' : 'cashier_closed')}
              </p>
            )}
            {order.kind !== 'tenant' && state !== 'paid' && <MiniProgram order={order} />}
            {state === 'payable' && payUrl?.startsWith('weixin:') && (
              <>
                <QrCode content={payUrl} label={text('qr_label')} />
                <a class="button" href={`/wechat/scan?code_url=${encodeURIComponent(payUrl)}`}>
                  {text('scan')}
                </a>
                <p class="hint">{text('native_hint')}</p>
              </>
            )}
            {state === 'payable' && payUrl?.startsWith('http') && (
              <>
                <a class="button primary" href={payUrl} referrerpolicy="origin">
                  {text('open_page')}
                </a>
                {!payment && <p class="hint">{text('open_hint')}</p>}
              </>
            )}
          </div>
          {payment && <PayerButtons payment={payment} />}
          {isReturnable && paying && Number(paying.refundable) > 0 && (
            <RefundForm
              order_no={order.order_no}
              refundable={paying.refundable ?? ''}
              currency={paying.currency}
            />
          )}
          {isPayable(order) && <CloseOrder order={order} onActed={onActed} />}
        </>
      ) : (
        <p class="empty">
          {text('not_simulated')}{' '}
          {state === 'payable' && payUrl && (
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
      {payment.state === 'paid' && (
        <button type="button" onClick={act('pay')}>
          {text('deliver_again')}
        </button>
      )}
      {(payment.state === 'open' || payment.state === 'failed') && (
        <div class="buttons">
          <button type="button" class="primary" onClick={act('pay')}>
            {text('pay')}
          </button>
          <button type="button" onClick={act('pay', { wait_ms: 5_000 })}>
            {text('pay_later')}
          </button>
          <button type="button" onClick={act('fail')}>
            {text('fail')}
          </button>
          <button type="button" onClick={act('close')}>
            {text('close')}
          </button>
        </div>
      )}
      <p class="said" role="status">
        {answer && describe(answer, text)}
      </p>
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
