import { useState } from 'preact/hooks';
import { formatAmount } from '../../../../lib/console/page/format.ts';
import { previewRefund, type RefundPreview } from './refund-preview.ts';
import { callApi } from './server.ts';
import { useText } from './text.ts';

interface RefundFormProps {
  readonly order_no: string;
  /** What is left to return, as a decimal text. */
  readonly refundable: string;
  readonly currency: string;
}

/** Returns what was paid, all of it or a part, as the merchant would: what it does is said before it is done. */
export function RefundForm({ order_no, refundable, currency }: RefundFormProps) {
  const text = useText();
  const [typed, setTyped] = useState<string | null>(null);
  const [preview, setPreview] = useState<RefundPreview | null>(null);
  const [error, setError] = useState('');
  const money = (amount: string) => formatAmount(amount, currency);
  const amount = typed ?? refundable;

  const look = (event: Event) => {
    event.preventDefault();
    const next = previewRefund(amount, refundable);
    setPreview(next);
    setError(next ? '' : text('refund_amount_wrong', { most: money(refundable) }));
  };
  const refund = async (returned: string) => {
    setPreview(null);
    const body = `{"order_no":${JSON.stringify(order_no)},"amount":${returned},"reason":${JSON.stringify(text('refund_reason'))}}`;
    const { status, body: answer } = await callApi('POST', '/api/pay/refund', 'admin', body);
    if (status >= 200 && status < 300) setTyped(null);
    else if (status === 0) setError(text('no_answer'));
    else setError(text('api_refused', { status, message: answer?.msg ?? '' }));
  };

  return (
    <form class="refund" onSubmit={look} autocomplete="off" noValidate>
      <div class="field">
        <label for="refund-amount">{text('refund_amount', { most: money(refundable) })}</label>
        <input
          id="refund-amount"
          inputMode="decimal"
          value={amount}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setPreview(null);
            setError('');
          }}
          {...(error !== '' && { 'aria-invalid': true, 'aria-describedby': 'refund-error' })}
        />
      </div>
      {error && (
        <p class="error" id="refund-error" role="alert">
          {error}
        </p>
      )}
      {preview ? (
        <>
          <p class="preview" role="status">
            {text('refund_preview', { amount: money(preview.amount), left: money(preview.left) })}
          </p>
          <div class="buttons">
            <button type="button" class="primary" onClick={() => refund(preview.amount)}>
              {text('refund_sure', { amount: money(preview.amount) })}
            </button>
            <button type="button" onClick={() => setPreview(null)}>
              {text('keep_money')}
            </button>
          </div>
        </>
      ) : (
        <button type="submit">{text('refund_look')}</button>
      )}
    </form>
  );
}
