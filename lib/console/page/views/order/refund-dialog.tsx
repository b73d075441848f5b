import { useState } from 'preact/hooks';
import type { RefundState } from '../../../../http/responses/orders.ts';
import { AmountError, formatAmount as decimalText, parseAmount } from '../../../../money.ts';
import { ApiFailure, useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Field } from '../../components/field.tsx';
import { useToast } from '../../components/toast.tsx';
import { formatAmount } from '../../format.ts';
import { named, useText } from '../../text.ts';
import { type Holding, holdingKey } from './holdings.ts';

interface RefundDialogProps {
  readonly order_no: string;
  readonly holdings: readonly Holding[];
  readonly first: Holding;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const MOST_REASON_CHARACTERS = 80;

const formatOf = ({ refundable_amount }: Holding) => ({
  digits: refundable_amount.split('.')[1]?.length ?? 0,
  step: 1,
});

/** An earlier attempt of the dialog went through, with other values, and its answer was lost. */
const isKeyReused = (error: unknown): error is ApiFailure =>
  error instanceof ApiFailure && error.word === 'key_reused';

/**
 * Returns money, in two steps: what is to go back, then what that comes to. The key of the request stays the same while
 * the dialog is open, so that what is sent again for want of an answer is no second refund.
 */
export function RefundDialog({ order_no, holdings, first, onClose, onDone }: RefundDialogProps) {
  const text = useText();
  const api = useApi();
  const say = useToast();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [holding, setHolding] = useState(first);
  const [isPart, setPart] = useState(false);
  const [part, setPartText] = useState('');
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const [wasAsked, setAsked] = useState(false);

  const { refundable_amount, currency, provider } = holding;
  const format = formatOf(holding);
  const left = parseAmount(refundable_amount, format);
  const shown = (count: number) => formatAmount(decimalText(count, format), currency);
  const [amount, problem] = isPart ? readPart() : ([left, undefined] as const);
  const reasonProblem = reason.trim() === '' ? text('reason_wanted') : undefined;

  function readPart(): readonly [amount: number, problem: string | undefined] {
    try {
      const read = parseAmount(part.trim().replaceAll(',', ''), format);
      if (read < 1) return [0, text('refund_nothing')];
      return read > left ? [0, text('refund_too_much', { amount: shown(left) })] : [read, undefined];
    } catch (error) {
      if (error instanceof AmountError) return [0, text('refund_amount_wanted')];
      throw error;
    }
  }

  const review = async () => {
    setAsked(true);
    if (!problem && !reasonProblem) setSure(true);
  };
  const send = async () => {
    const body = {
      order_no,
      amount: Number(decimalText(amount, format)),
      reason: reason.trim(),
      ...(holding.refundedAs !== undefined && { transaction_id: holding.refundedAs }),
    };
    const refund = await api
      .send<RefundState>('POST', '/api/pay/refund', { body, idempotencyKey })
      .catch((error) => {
        throw isKeyReused(error) ? new ApiFailure(409, error.word, [], text('refund_was_asked_for')) : error;
      });
    say(
      text('refund_asked_for', {
        refund_no: refund.refund_no,
        amount: formatAmount(refund.amount, refund.currency),
        status: named(text, 'refund', refund.status),
      }),
    );
    onDone();
  };

  if (isSure) {
    return (
      <ActionDialog
        key="sure"
        title={text('refund_confirm', { amount: shown(amount) })}
        action={text('refund_do', { amount: shown(amount) })}
        grave
        onClose={onClose}
        onAction={send}
        back={{ label: text('step_back'), onBack: () => setSure(false) }}
      >
        <Facts
          facts={[
            [text('goes_back'), <strong class="amount">{shown(amount)}</strong>],
            [text('left_after'), <span class="amount">{shown(left - amount)}</span>],
            [text('order'), <span class="number">{order_no}</span>],
            [text('payment'), <span class="number">{holding.payment_no}</span>],
            [text('out_of'), text(holding.isSuspense ? 'out_of_suspense' : 'out_of_order')],
            [text('provider'), named(text, 'provider', provider)],
            [text('refund_reason'), reason.trim()],
          ]}
        />
        <p class="note warning">{text('refund_final')}</p>
      </ActionDialog>
    );
  }

  const choices = holdings.filter(({ isRefundable }) => isRefundable);
  return (
    <ActionDialog
      key="form"
      title={text('refund_order', { order_no })}
      action={text('step_on')}
      onClose={onClose}
      onAction={review}
    >
      {choices.length > 1 ? (
        <Field label={text('refund_which')}>
          {(control) => (
            <select
              {...control}
              value={holdingKey(holding)}
              onChange={({ currentTarget }) =>
                setHolding(choices.find((one) => holdingKey(one) === currentTarget.value) ?? first)
              }
            >
              {choices.map((one) => (
                <option key={holdingKey(one)} value={holdingKey(one)}>
                  {`${one.payment_no} · ${named(text, 'provider', one.provider)} · ${formatAmount(one.refundable_amount, one.currency)}${one.isSuspense ? ` · ${text('in_suspense')}` : ''}`}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : (
        <p>
          <span class="number">{holding.payment_no}</span> · {named(text, 'provider', provider)}
          {holding.isSuspense && ` · ${text('in_suspense')}`}
        </p>
      )}
      <fieldset>
        <legend>{text('refund_how_much')}</legend>
        <label class="choice">
          <input type="radio" name="how_much" checked={!isPart} onChange={() => setPart(false)} />
          {text('refund_whole', { amount: shown(left) })}
        </label>
        <label class="choice">
          <input type="radio" name="how_much" checked={isPart} onChange={() => setPart(true)} />
          {text('refund_part')}
        </label>
      </fieldset>
      {isPart && (
        <Field
          label={text('refund_amount', { currency })}
          hint={text('refund_up_to', { amount: shown(left) })}
          error={wasAsked ? problem : undefined}
        >
          {(control) => (
            <input
              {...control}
              inputMode="decimal"
              autocomplete="off"
              value={part}
              onInput={({ currentTarget }) => setPartText(currentTarget.value)}
            />
          )}
        </Field>
      )}
      <Field
        label={text('refund_reason')}
        hint={text('refund_reason_hint')}
        error={wasAsked ? reasonProblem : undefined}
      >
        {(control) => (
          <input
            {...control}
            autocomplete="off"
            maxLength={MOST_REASON_CHARACTERS}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        )}
      </Field>
    </ActionDialog>
  );
}
