import type { DomainEvent } from '../../../lib/domain-events/domain-event.ts';
import { type Io, isoTime } from '../../../lib/io.ts';

type PaidEvent = Extract<DomainEvent, { type: 'order.paid' }>;

/** That an order is paid which there cannot be: a shop's count from 1, and no tenant's was made in 1970. */
export function exampleEvent(tenant_id: number | null, io: Pick<Io, 'now' | 'randomBytes'>): PaidEvent {
  const order_no = tenant_id === null ? 'mall-0' : 'p00000000000000000000000000';
  const timestamp = isoTime(io.now());
  return {
    type: 'order.paid',
    // Another each time: whoever has seen one example is to take the next.
    id: `evt_${io.randomBytes(16).toString('hex')}`,
    timestamp,
    recorded_at: timestamp,
    owner: tenant_id === null ? 'shop:mall' : `tenant:${tenant_id}`,
    data: {
      order_no,
      version: 1,
      kind: tenant_id === null ? 'mall' : 'tenant',
      id: tenant_id === null ? 0 : null,
      tenant_id,
      status: 'paid',
      amount: '0.01',
      currency: 'CNY',
      payment_no: order_no,
      provider: 'wechat',
      merchant: '1900000001',
      transaction_id: '0000000000000000000000000000',
      paid_at: timestamp,
    },
  };
}
