import { useEffect, useState } from 'preact/hooks';
import type { KnownState } from '../../simulators/received-webhook.ts';
import type { WebhookRow } from '../rows.ts';
import { orderLink } from './address.ts';
import { receiverName } from './format.ts';
import { type Receiver, ReceiverCard } from './receiver-card.tsx';
import { ScrollRegion } from './scroll-region.tsx';
import { get } from './server.ts';
import { named, useText } from './text.ts';
import { TimelineEntry } from './timeline.tsx';
import { useReading } from './use-reading.ts';

/** What the shop's side of webhooks receives, answers, and knows in the end. */
export function InboxView({ webhooks }: { readonly webhooks: readonly WebhookRow[] }) {
  const text = useText();
  const { receivers, known, reload } = useInbox(webhooks);
  return (
    <div class="inbox-view">
      <div class="row-line">
        <h1>{text('inbox')}</h1>
        <span class="hint">{text('inbox_hint')}</span>
      </div>
      <section class="card received-card" aria-labelledby="received-title">
        <h2 id="received-title">{text('webhooks_received')}</h2>
        {webhooks.length === 0 && <p class="empty">{text('inbox_empty')}</p>}
        <ScrollRegion class="received" label={text('webhooks_received')}>
          <ol class="timeline" aria-live="polite">
            {webhooks.toReversed().map((row) => (
              <TimelineEntry key={row.id} order_no={row.order_no ?? ''} entry={row}>
                {row.order_no !== null && (
                  <a class="order-link" href={orderLink(row.order_no)}>
                    {row.order_no}
                  </a>
                )}
              </TimelineEntry>
            ))}
          </ol>
        </ScrollRegion>
      </section>
      <div class="receivers">
        {receivers.map((receiver) => (
          <ReceiverCard key={receiver.receiver} receiver={receiver} onSet={reload} />
        ))}
      </div>
      <KnownTable known={known} />
    </div>
  );
}

function KnownTable({ known }: { readonly known: readonly KnownState[] }) {
  const text = useText();
  if (known.length === 0) return null;
  return (
    <section class="card known-states" aria-labelledby="known-title">
      <h2 id="known-title">{text('shop_knows')}</h2>
      <p class="hint">{text('shop_knows_hint')}</p>
      <ScrollRegion label={text('shop_knows')}>
        <table>
          <thead>
            <tr>
              {(['about', 'state', 'version', 'receiver'] as const).map((column) => (
                <th key={column} scope="col">
                  {text(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {known.toReversed().map(({ receiver, about, name, order_no, version, state }) => (
              <tr key={`${receiver} ${about} ${name}`} data-known={name}>
                <td>
                  <span class="muted">{text(about)}</span>{' '}
                  {order_no === null ? (
                    <code>{name}</code>
                  ) : (
                    // An exception's own name is opaque to its reader.
                    <a href={orderLink(order_no)}>{about === 'exception' ? order_no : name}</a>
                  )}
                </td>
                <td>
                  <span class={`badge ${state}`}>{named(text, state)}</span>
                </td>
                <td>{version}</td>
                <td>{receiverName(receiver, text)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}

/** The switches and what is known, read again whenever something has come. */
function useInbox(webhooks: readonly WebhookRow[]) {
  const [receivers, setReceivers] = useState<readonly Receiver[]>([]);
  const [known, setKnown] = useState<readonly KnownState[]>([]);
  const reload = useReading(async () => {
    const [switches, states] = await Promise.all([
      get<{ receivers: readonly Receiver[] }>('/simulator/inbox'),
      get<{ known: readonly KnownState[] }>('/simulator/inbox/known'),
    ]);
    if (switches.body) setReceivers(switches.body.receivers);
    if (states.body) setKnown(states.body.known);
  }, []);
  const latest = webhooks.at(-1)?.id;
  useEffect(() => {
    reload();
  }, [reload, latest]);
  return { receivers, known, reload };
}
