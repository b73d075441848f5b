import type { EndpointHealth, WebhookEndpoint } from '../../../../http/responses/webhooks.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Facts } from '../../components/facts.tsx';
import { Empty } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount } from '../../format.ts';
import { linkTo } from '../../route.ts';
import { named, type Text, useText } from '../../text.ts';

const tones: Readonly<Record<EndpointHealth['state'], Tone>> = {
  ok: 'good',
  paused: 'warning',
  failing: 'bad',
};

/** As many as are counted. */
const MOST_WAITING = 1_000;

interface EndpointProps {
  readonly endpoint: WebhookEndpoint | null;
  /** Undefined means the stage. */
  readonly tenant_id: string | undefined;
}

/** An endpoint and how it does. */
export function Endpoint({ endpoint, tenant_id }: EndpointProps) {
  const text = useText();
  const title = tenant_id ? text('endpoint_of_tenant', { tenant: tenant_id }) : text('endpoint_of_stage');
  if (!endpoint) {
    return (
      <section class="card">
        <h2>{title}</h2>
        <Empty title={text('no_endpoint')}>{text('no_endpoint_hint')}</Empty>
      </section>
    );
  }
  const { url, state, events, secrets, waiting, failing_since, failures, paused_until } = endpoint;
  return (
    <section class="card stack">
      <div class="head">
        <h2>{title}</h2>
        <Badge tone={tones[state]}>{named(text, 'endpoint', state)}</Badge>
      </div>
      <p>
        <span class="number">{url}</span> {named(text, 'about_endpoint', state)}
      </p>
      <Facts
        facts={[
          [text('failing_since'), failing_since && <Time at={failing_since} />],
          [text('failures'), failing_since && formatCount(failures)],
          [text('paused_until'), paused_until && <Time at={paused_until} />],
          [text('waiting'), sayWaiting(text, waiting)],
          [
            text('last_delivered'),
            endpoint.last_delivered_at ? (
              <Time at={endpoint.last_delivered_at} />
            ) : (
              text('last_delivered_none')
            ),
          ],
          [
            text('wants_events'),
            events === null
              ? text('wants_all_events')
              : events.map((type) => named(text, 'event', type)).join(', '),
          ],
          [text('tenant_events'), tenant_id ? null : text(endpoint.tenant_events ? 'yes' : 'no')],
          [text('secrets'), secrets > 1 ? text('secrets_rotating', { count: secrets }) : secrets],
        ]}
      />
    </section>
  );
}

const sayWaiting = (text: Text, waiting: number): string =>
  waiting >= MOST_WAITING ? text('waiting_many', { count: formatCount(waiting) }) : formatCount(waiting);

/** All endpoints that fail, of the stage and of tenants. */
export function FailingEndpoints({ failing }: { readonly failing: readonly EndpointHealth[] }) {
  const text = useText();
  return (
    <section class="card">
      <h2>{text('failing_endpoints')}</h2>
      <ul class="stack">
        {failing.map(({ tenant_id, state, failing_since, failures }) => (
          <li key={tenant_id} class="failing-endpoint">
            <a href={linkTo('webhooks', tenant_id === null ? {} : { tenant_id: String(tenant_id) })}>
              {tenant_id === null ? text('stage_itself') : text('tenant_n', { tenant: tenant_id })}
            </a>{' '}
            <Badge tone={tones[state]}>{named(text, 'endpoint', state)}</Badge>{' '}
            <span class="muted">
              {text('failing_since')} <Time at={failing_since} /> · {text('failures')} {formatCount(failures)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
