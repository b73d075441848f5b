import type { ComponentChildren } from 'preact';
import type { Exception } from '../../../../http/responses/exceptions.ts';
import type { HistoryItem } from '../../../../http/responses/history.ts';
import type { DeliveryView } from '../../../../http/responses/webhooks.ts';
import { AccountLink } from '../../components/account-link.tsx';
import { Amount } from '../../components/amount.tsx';
import { Badge, PaymentBadge, RefundBadge, type Tone } from '../../components/badge.tsx';
import { Time } from '../../components/time.tsx';
import { formatTime } from '../../format.ts';
import { named, type Text, useText } from '../../text.ts';

interface TimelineProps {
  readonly history: readonly HistoryItem[];
  readonly deliveries: readonly DeliveryView[];
  readonly onException: (exception: Exception) => void;
}

/** One thing that happened to an order. */
interface Entry {
  readonly key: string;
  readonly at: string;
  readonly title: string;
  readonly badge: ComponentChildren;
  readonly amount: ComponentChildren;
  readonly details: readonly (readonly [label: string, value: ComponentChildren])[];
}

/** What happened to an order, oldest first, with what its shop was told of it. */
export function Timeline({ history, deliveries, onException }: TimelineProps) {
  const text = useText();
  const entries = [
    ...history.map((item, index) => ({
      ...describe(item, text, onException),
      key: `${item.type}-${index}`,
      at: item.at,
    })),
    ...deliveries.map((delivery) => describeDelivery(delivery, text)),
  ].toSorted((left, right) => (left.at < right.at ? -1 : Number(left.at > right.at)));
  return (
    <ol class="timeline">
      {entries.map(({ key, at, title, badge, amount, details }) => (
        <li key={key}>
          <Time at={at} />
          <div class="event">
            <div class="event-head">
              <strong>{title}</strong>
              {badge}
              <span class="grow" />
              {amount}
            </div>
            <dl class="event-facts">
              {details
                .filter(([, value]) => value !== null)
                .map(([label, value]) => (
                  <div key={label}>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
            </dl>
          </div>
        </li>
      ))}
    </ol>
  );
}

const mono = (value: string | null) => value && <span class="mono">{value}</span>;

function describe(
  item: HistoryItem,
  text: Text,
  onException: TimelineProps['onException'],
): Omit<Entry, 'key' | 'at'> {
  switch (item.type) {
    case 'payment':
      return {
        title: text('event_payment', { payment_no: item.payment_no }),
        badge: <PaymentBadge state={item.state} current={item.current} />,
        amount: <Amount {...item} />,
        details: [
          [
            text('provider'),
            `${named(text, 'provider', item.provider)} · ${named(text, 'scene', item.scene)}`,
          ],
          [text('merchant'), mono(item.merchant)],
          [text('transaction_id'), mono(item.transaction_id)],
          [text('paid'), item.paid_at && <Time at={item.paid_at} />],
          [text('expires'), item.paid_at === null ? <Time at={item.expires_at} /> : null],
          [text('payment_place'), item.current ? null : text('payment_superseded')],
        ],
      };
    case 'suspense':
      return {
        title: text('event_suspense'),
        badge: <Badge tone="warning">{text('in_suspense')}</Badge>,
        amount: <Amount {...item} />,
        details: [
          [text('payment'), mono(item.payment_no)],
          [text('transaction_id'), mono(item.transaction_id)],
          [text('merchant'), mono(item.merchant)],
        ],
      };
    case 'refund':
      return {
        title: text('event_refund', { refund_no: item.refund_no }),
        badge: <RefundBadge status={item.status} />,
        amount: <Amount {...item} />,
        details: [
          [text('refund_reason'), item.reason || null],
          [text('requested_by'), item.requested_by ?? text('by_system')],
          [text('payment'), mono(item.payment_no)],
          [text('decided'), item.decided_at && <Time at={item.decided_at} />],
        ],
      };
    case 'return':
      return {
        title: text('event_return'),
        badge: <Badge tone="warning">{named(text, 'return', item.status)}</Badge>,
        amount: <Amount {...item} />,
        details: [
          [text('payment'), mono(item.payment_no)],
          [text('return_id'), mono(item.return_id)],
        ],
      };
    case 'entry':
      return {
        title: text('event_entry', { kind: named(text, 'entry', item.kind) }),
        badge: null,
        amount: <Amount {...item} />,
        details: [
          [text('entry_debit'), <AccountLink account={item.debit} />],
          [text('entry_credit'), <AccountLink account={item.credit} />],
        ],
      };
    case 'dispute':
      return {
        title: text('event_dispute'),
        badge: (
          <Badge tone={item.state === 'won' ? 'good' : 'bad'}>{named(text, 'dispute', item.state)}</Badge>
        ),
        amount: <Amount {...item} />,
        details: [
          [text('dispute_reason'), item.reason],
          [text('due_by'), item.state === 'open' && item.due_by !== null ? <Time at={item.due_by} /> : null],
          [text('payment'), mono(item.payment_no)],
          [text('dispute_id'), mono(item.dispute_id)],
        ],
      };
    case 'shipping':
      return {
        title: text('event_shipping'),
        badge: <Badge tone={shippingTones[item.state]}>{named(text, 'shipping', item.state)}</Badge>,
        amount: null,
        details: [
          [text('ship_items'), item.items],
          [text('ship_type'), named(text, 'logistics', item.logistics_type)],
          ...item.parcels.map(
            ({ express_company, tracking_no }) =>
              [text('parcel'), mono(`${express_company} ${tracking_no}`)] as const,
          ),
          [text('shipping_told_at'), item.told_at && <Time at={item.told_at} />],
        ],
      };
    case 'exception':
      return {
        title: text('event_exception', { kind: named(text, 'exception', item.kind) }),
        badge: (
          <>
            <Badge tone={item.state === 'open' ? 'bad' : 'neutral'}>
              {named(text, 'exception_state', item.state)}
            </Badge>
            <button type="button" class="link" onClick={() => onException(item)}>
              {text(item.state === 'open' ? 'exception_see' : 'exception_look')}
            </button>
          </>
        ),
        amount: item.amount === null ? null : <Amount {...item} />,
        details: [
          [text('payment'), mono(item.payment_no)],
          [text('transaction_id'), mono(item.transaction_id)],
          [
            text('exception_end'),
            item.resolved &&
              text('exception_ended', {
                end: named(text, 'end', item.resolved.resolution),
                by: item.resolved.by,
                reason: item.resolved.reason,
                time: formatTime(item.resolved.at),
              }),
          ],
        ],
      };
  }
}

const shippingTones = { open: 'warning', told: 'good', refused: 'bad' } as const satisfies Record<
  string,
  Tone
>;
const deliveryTones: Readonly<Record<DeliveryView['state'], Tone>> = {
  due: 'warning',
  delivered: 'good',
  given_up: 'bad',
};

function describeDelivery(delivery: DeliveryView, text: Text): Entry {
  const { id, timestamp, type, state, attempts, ended_at, tenant_id, redelivered } = delivery;
  const last = attempts.at(-1);
  return {
    key: id,
    // When its shop was told: what a provider dates is in whole seconds, and would be before what led to it.
    at: attempts[0]?.at ?? timestamp,
    title: text('event_delivery', { type }),
    badge: <Badge tone={deliveryTones[state]}>{named(text, 'delivery', state)}</Badge>,
    amount: null,
    details: [
      [
        text('delivery_to'),
        tenant_id === null ? text('delivery_to_stage') : text('tenant_n', { tenant: tenant_id }),
      ],
      [text('delivery_attempts'), attempts.length === 0 ? null : String(attempts.length)],
      [text('delivery_answer'), last ? (last.status === null ? last.error : `HTTP ${last.status}`) : null],
      [text('delivery_ended'), ended_at && <Time at={ended_at} />],
      [text('delivery_again_by'), redelivered?.by ?? null],
    ],
  };
}
