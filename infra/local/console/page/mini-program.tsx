import { useState } from 'preact/hooks';
import { isPayable, type OrderRow } from '../rows.ts';
import { callApi, verifyPaySign } from './server.ts';
import { useText } from './text.ts';

/** The mini-program's side of WeChat JSAPI: it asks the API and gets what `wx.requestPayment` takes. */
export function MiniProgram({ order }: { readonly order: OrderRow }) {
  const text = useText();
  const [parameters, setParameters] = useState<Readonly<Record<string, unknown>> | null>(null);
  const [verified, setVerified] = useState<boolean | null>(null);
  const [error, setError] = useState('');

  const ask = async () => {
    const path = `/v2/orders/${order.order_no.replace('-', '/')}/pay`;
    const { status, body } = await callApi('POST', path, 'user');
    if (status !== 200 || !body?.data) {
      setError(
        status === 0 ? text('no_answer') : text('api_refused', { status, message: body?.message ?? '' }),
      );
      return;
    }
    setError('');
    const { body: checked } = await verifyPaySign(body.data);
    setVerified(checked?.verified ?? null);
    setParameters(body.data);
  };

  return (
    <div class="mini-program">
      {isPayable(order) && (
        <>
          <button type="button" class="primary" onClick={ask}>
            {text('ask_parameters')}
          </button>
          <p class="hint">{text('ask_hint')}</p>
        </>
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {parameters && (
        <>
          <p class={verified === false ? 'error' : 'good'} role="status">
            {verified === null
              ? text('sign_unknown')
              : verified
                ? `✓ ${text('sign_right')}`
                : `✗ ${text('sign_wrong')}`}
          </p>
          <a class="button" href={`/wechat/sheet?${sheetParameters(parameters)}`}>
            {text('open_sheet')}
          </a>
          <h3>{text('received')}</h3>
          <dl class="parameters">
            {Object.entries(parameters).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}

/** As `wx.requestPayment` hands them to WeChat. */
const sheetParameters = (parameters: Readonly<Record<string, unknown>>): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
