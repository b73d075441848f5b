import type { DeliveryView } from '../../../../http/responses/webhooks.ts';
import type { Tone } from '../../components/badge.tsx';
import { named, type Text } from '../../text.ts';

/** What a delivery can be filtered by; lib/webhooks has them beside what runs on a server. */
export const deliveryStates = [
  'due',
  'delivered',
  'given_up',
] as const satisfies readonly DeliveryView['state'][];

/** What an attempt came to. */
export const sayAttempt = (text: Text, { status, error }: DeliveryView['attempts'][number]): string =>
  status === null ? named(text, 'attempt', error ?? 'connection_failed') : text('answered', { status });

export const deliveryTones: Readonly<Record<DeliveryView['state'], Tone>> = {
  due: 'warning',
  delivered: 'good',
  given_up: 'bad',
};
