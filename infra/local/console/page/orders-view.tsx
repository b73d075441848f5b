import { useState } from 'preact/hooks';
import { offeredProviders } from '../rows.ts';
import type { LiveState } from './live.ts';
import { OrderForm } from './order-form.tsx';
import { OrderTable } from './order-table.tsx';
import { type Language, useText } from './text.ts';
import { WecomPanel } from './wecom-panel.tsx';

export function OrdersView({ live, language }: { readonly live: LiveState; readonly language: Language }) {
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
        language={language}
        offered={offeredProviders(live.hello?.payees ?? [])}
      />
      {live.hello?.wecom_simulated !== false && <WecomPanel messages={live.wecom} />}
    </div>
  );
}
