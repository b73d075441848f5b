import { useState } from 'preact/hooks';
import type { Exception, ResolvedExceptionState } from '../../../../http/responses/exceptions.ts';
import type { Resolution } from '../../../../orders/kinds.ts';
import { isOverdue } from '../../../../orders/overdue.ts';
import { suspenseOf } from '../../account-label.ts';
import { useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { Amount } from '../../components/amount.tsx';
import { Badge } from '../../components/badge.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Age, Time } from '../../components/time.tsx';
import { useToast } from '../../components/toast.tsx';
import { daysSince, formatAmount } from '../../format.ts';
import { linkTo, orderLink } from '../../route.ts';
import { useSession } from '../../session.ts';
import { named, useText } from '../../text.ts';
import { Outcome } from './outcome.tsx';
import { ResolveDialog } from './resolve-dialog.tsx';

interface ExceptionDialogProps {
  readonly exception: Exception;
  readonly onClose: () => void;
  /** It has ended, or something was asked of its provider. */
  readonly onChanged: () => void;
}

type Step = 'look' | 'resolve' | 'repair' | ResolvedExceptionState;

/** An exception: what it means, what can be done about it, and the way through that. */
export function ExceptionDialog({ exception, onClose, onChanged }: ExceptionDialogProps) {
  const api = useApi();
  const text = useText();
  const [step, setStep] = useState<Step>('look');
  const resolve = async (resolution: Resolution, reason: string) => {
    const path = `/api/pay/exceptions/${encodeURIComponent(exception.id)}/resolve`;
    setStep(await api.send<ResolvedExceptionState>('POST', path, { body: { resolution, reason } }));
    onChanged();
  };
  const back = () => setStep('look');
  switch (step) {
    case 'look':
      return <Look exception={exception} onClose={onClose} go={setStep} />;
    case 'resolve':
      return <ResolveDialog exception={exception} onClose={onClose} onBack={back} onResolve={resolve} />;
    case 'repair':
      return <RepairDialog exception={exception} onClose={onClose} onBack={back} onChanged={onChanged} />;
    default: {
      const { resolved } = step.exception;
      const end = resolved ? named(text, 'end', resolved.resolution) : '';
      return (
        <Dialog title={text('resolved_as', { end })} onClose={onClose}>
          <div class="stack">
            <Outcome outcome={step} />
            <div class="dialog-buttons">
              <Ways exception={exception} />
              <button type="button" class="primary" onClick={onClose}>
                {text('close_dialog')}
              </button>
            </div>
          </div>
        </Dialog>
      );
    }
  }
}

interface LookProps {
  readonly exception: Exception;
  readonly onClose: () => void;
  readonly go: (step: 'resolve' | 'repair') => void;
}

function Look({ exception, onClose, go }: LookProps) {
  const text = useText();
  const { mayAct } = useSession();
  const { kind, state, provider, merchant, amount, currency, fields, resolved, resolutions } = exception;
  const isOpen = state === 'open';
  return (
    <Dialog title={titleOf(named(text, 'exception', kind), exception)} onClose={onClose}>
      <div class="stack">
        <p>{named(text, 'means', kind)}</p>
        {isOpen && (
          <div>
            <h3>{text('what_can_be_done')}</h3>
            <p>{named(text, 'advice', kind)}</p>
          </div>
        )}
        <Facts
          facts={[
            [text('amount'), amount === null ? null : <Amount amount={amount} currency={currency} />],
            [
              text('age'),
              <span key="age" class="badges">
                <Age at={exception.recorded_at} />
                {isOpen && isOverdue(exception, Date.now()) && <Badge tone="bad">{text('overdue')}</Badge>}
              </span>,
            ],
            [text('act_before'), exception.due_by && <Time at={exception.due_by} />],
            [text('provider'), provider && named(text, 'provider', provider)],
            [text('merchant'), merchant && <span class="number">{merchant}</span>],
            [
              text('differing_fields'),
              fields.length > 0 ? fields.map((field) => named(text, 'field', field)).join(', ') : null,
            ],
            [text('payment_number'), numberOf(exception.payment_no)],
            [text('transaction'), numberOf(exception.transaction_id)],
            [text('refund_or_dispute'), numberOf(exception.refund_no)],
            [text('provider_reason'), exception.reason],
            [text('ended_as'), resolved && named(text, 'end', resolved.resolution)],
            [text('ended_why'), resolved?.reason],
            [text('ended_by'), resolved?.by],
            [text('finished'), resolved && <Time at={resolved.at} />],
          ]}
        />
        {isOpen && !mayAct && <p class="note">{text('viewer_note')}</p>}
        <div class="dialog-buttons">
          <button type="button" onClick={onClose}>
            {text('close_dialog')}
          </button>
          <Ways exception={exception} />
          {isOpen && mayAct && isRepairable(exception) && (
            <button type="button" class="primary" onClick={() => go('repair')}>
              {text('repair')}
            </button>
          )}
          {isOpen && mayAct && resolutions.length > 0 && (
            <button type="button" class="primary" onClick={() => go('resolve')}>
              {text('resolve')}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

const titleOf = (kind: string, { order_no }: Exception): string =>
  order_no === null ? kind : `${kind} · ${order_no}`;

const numberOf = (number: string | null) => number && <span class="number">{number}</span>;

/** WeChat Pay alone repairs a refund that the payer's bank has refused. */
const isRepairable = ({ kind, provider, refund_no }: Exception): boolean =>
  kind === 'refund_abnormal' && provider === 'wechat' && refund_no !== null;

/** Whether its money is, or was, in suspense. */
const inSuspense = ({ kind }: Exception): boolean =>
  kind === 'paid_twice' || kind === 'paid_after_close' || kind === 'paid_superseded' || kind === 'mismatch';

/** Where to look further: its order, and the account that has its money. */
function Ways({ exception }: { readonly exception: Exception }) {
  const text = useText();
  const { order_no } = exception;
  const account = inSuspense(exception) ? suspenseOf(exception) : null;
  const period = daysSince(exception.recorded_at, new Date());
  return (
    <>
      {order_no !== null && orderLink(order_no) !== location.pathname && (
        <a class="button" href={orderLink(order_no)}>
          {text('see_order')}
        </a>
      )}
      {account !== null && (
        <a class="button" href={linkTo('ledger', { ...period, account })}>
          {text('see_suspense')}
        </a>
      )}
    </>
  );
}

interface RepairDialogProps {
  readonly exception: Exception;
  readonly onClose: () => void;
  readonly onBack: () => void;
  readonly onChanged: () => void;
}

function RepairDialog({ exception, onClose, onBack, onChanged }: RepairDialogProps) {
  const api = useApi();
  const text = useText();
  const say = useToast();
  const { amount, currency } = exception;
  const refund_no = exception.refund_no ?? '';
  return (
    <ActionDialog
      title={text('repair_title', { refund_no })}
      action={text('confirm')}
      grave
      onClose={onClose}
      back={{ label: text('resolve_back'), onBack }}
      onAction={async () => {
        await api.send('POST', `/api/pay/refunds/${encodeURIComponent(refund_no)}/repair`);
        say(text('repair_asked'));
        onChanged();
        onClose();
      }}
    >
      <p>
        {text('repair_comes_to', { amount: amount === null ? '' : formatAmount(amount, currency ?? '') })}
      </p>
    </ActionDialog>
  );
}
