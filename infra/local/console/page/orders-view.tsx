import { useState } from 'preact/hooks';
import { type OrderFilter, offeredProviders } from '../rows.ts';
import type { LiveState } from './live.ts';
import { OrderForm } from './order-form.tsx';
import { OrderTable } from './order-table.tsx';
import { useText } from './text.ts';
import { WecomPanel } from './wecom-panel.tsx';

interface OrdersViewProps {
  readonly live: LiveState;
  readonly filter: OrderFilter;
  readonly onFilter: (filter: OrderFilter) => void;
}

export function OrdersView({ live, filter, onFilter }: OrdersViewProps) {
  const text = useText();
  // Only at first: afterwards it is as its user left it.
  const [isWide] = useState(() => matchMedia('(min-width: 60rem)').matches);
  return (
    <div class="orders-view">
      <details class="card form-card" open={isWide}>
        <summary>{text('new_order')}</summary>
        {live.hello?.can_create === false ? (
          <p>{text('no_tokens')}</p>
        ) : (
          live.hello && <OrderForm userId={live.hello.user_id} payees={live.hello.payees} />
        )}
      </details>
      <OrderTable
        counts={live.counts}
        filter={filter}
        onFilter={onFilter}
        offered={offeredProviders(live.hello?.payees ?? [])}
      />
      {live.hello?.wecom_simulated !== false && <WecomPanel messages={live.wecom} />}
    </div>
  );
}
