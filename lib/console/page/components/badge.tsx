import type { ComponentChildren } from 'preact';
import type { OrderStatus, PaymentState, RefundStatus } from '../../../orders/kinds.ts';
import { named, useText } from '../text.ts';

/** `good` is for what is as it should be, and for nothing that somebody has to look at. */
export type Tone = 'good' | 'warning' | 'bad' | 'neutral';

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const orderTones: Readonly<Record<OrderStatus, Tone>> = {
  pending: 'warning',
  paid: 'good',
  failed: 'bad',
  closed: 'neutral',
  refunding: 'warning',
  refunded: 'neutral',
};

const paymentTones: Readonly<Record<PaymentState, Tone>> = {
  open: 'warning',
  failed: 'bad',
  closed: 'neutral',
  paid: 'good',
};

const refundTones: Readonly<Record<RefundStatus, Tone>> = {
  open: 'warning',
  succeeded: 'good',
  failed: 'bad',
};

export function OrderBadge({ status }: { readonly status: OrderStatus }) {
  const text = useText();
  return <Badge tone={orderTones[status]}>{named(text, 'status', status)}</Badge>;
}

/** A payment that is paid and was not wanted is no good news: its money is in suspense. */
export function PaymentBadge({
  state,
  current,
}: {
  readonly state: PaymentState;
  readonly current: boolean;
}) {
  const text = useText();
  const tone = state === 'paid' && !current ? 'warning' : paymentTones[state];
  return <Badge tone={tone}>{named(text, 'payment', state)}</Badge>;
}

export function RefundBadge({ status }: { readonly status: RefundStatus }) {
  const text = useText();
  return <Badge tone={refundTones[status]}>{named(text, 'refund', status)}</Badge>;
}
