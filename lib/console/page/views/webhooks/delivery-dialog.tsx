import type { DeliveryView } from '../../../../http/responses/webhooks.ts';
import { useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { Badge } from '../../components/badge.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { OrderLink } from '../../components/order-link.tsx';
import { DataTable } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useToast } from '../../components/toast.tsx';
import { formatCount, formatTime } from '../../format.ts';
import { useSession } from '../../session.ts';
import { named, useText } from '../../text.ts';
import { deliveryTones, sayAttempt } from './delivery-state.ts';

interface DeliveryDialogProps {
  readonly delivery: DeliveryView;
  readonly onClose: () => void;
  readonly onSent: () => void;
}

/** A delivery with its attempts, and the way to have it sent again. */
export function DeliveryDialog({ delivery, onClose, onSent }: DeliveryDialogProps) {
  const api = useApi();
  const text = useText();
  const say = useToast();
  const { mayAct } = useSession();
  const title = named(text, 'event', delivery.type);
  const content = <Delivery delivery={delivery} />;
  if (!mayAct) {
    return (
      <Dialog title={title} onClose={onClose}>
        <div class="stack">
          {content}
          <p class="note">{text('viewer_note')}</p>
          <div class="dialog-buttons">
            <button type="button" onClick={onClose}>
              {text('close_dialog')}
            </button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <ActionDialog
      title={title}
      action={text('send_again')}
      onClose={onClose}
      back={{ label: text('close_dialog'), onBack: onClose }}
      onAction={async () => {
        await api.send('POST', `/api/pay/webhooks/deliveries/${encodeURIComponent(delivery.id)}/redeliver`);
        say(text('sent_again'));
        onSent();
        onClose();
      }}
    >
      {content}
    </ActionDialog>
  );
}

function Delivery({ delivery }: { readonly delivery: DeliveryView }) {
  const text = useText();
  const { state, order_no, event_id, timestamp, attempts, reason, due_at, ended_at, redelivered } = delivery;
  return (
    <>
      <Facts
        facts={[
          [
            text('status'),
            <Badge key="state" tone={deliveryTones[state]}>
              {named(text, 'delivery', state)}
            </Badge>,
          ],
          [text('given_up_because'), reason && named(text, 'given_up', reason)],
          [text('recorded'), <Time key="recorded" at={timestamp} />],
          [
            text('next_attempt'),
            state === 'due' ? due_at === null ? text('waits_for_endpoint') : <Time at={due_at} /> : null,
          ],
          [text('finished'), ended_at && <Time at={ended_at} />],
          [text('order'), order_no && <OrderLink order_no={order_no} />],
          [
            text('event_id'),
            <span key="event" class="number">
              {event_id}
            </span>,
          ],
          [
            text('send_again'),
            redelivered && text('redelivered_by', { by: redelivered.by, time: formatTime(redelivered.at) }),
          ],
        ]}
      />
      {attempts.length === 0 ? (
        <p class="muted">{text('no_attempts')}</p>
      ) : (
        <DataTable
          label={text('attempts')}
          rows={attempts.toReversed()}
          rowKey={({ at }) => at}
          columns={[
            { key: 'at', label: text('attempts'), cell: ({ at }) => <Time at={at} /> },
            { key: 'answer', label: text('last_answer'), cell: (attempt) => sayAttempt(text, attempt) },
            {
              key: 'took',
              label: text('duration'),
              align: 'end',
              cell: ({ duration_ms }) => text('took', { ms: formatCount(duration_ms) }),
            },
          ]}
        />
      )}
    </>
  );
}
