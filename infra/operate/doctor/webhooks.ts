import type { StoreContext } from '../../../lib/store/client.ts';
import { createDeliveryStore } from '../../../lib/store/delivery-store.ts';
import type { Stage } from '../../stages.ts';
import { type HeldWebhooks, heldWebhooks } from '../documents/held-webhooks.ts';
import { type DeployedStack, deployCommand, webhooksStackName } from '../stack.ts';
import { fault, type Result, warning } from './check.ts';
import { checkDeliveries } from './deliveries.ts';
import { readable, type StoredDocuments } from './documents.ts';
import { checkEndpoints, type Resolve } from './endpoints.ts';
import { checkEventRules } from './event-rules.ts';
import { checkDeadLetters, checkQueue } from './queue.ts';
import { checkStatus } from './stack.ts';

/** What tells a stage's shops, as far as it is known; what is null is not looked at. */
export interface WebhookSubject {
  readonly stack: DeployedStack | 'absent' | null;
  readonly busName: string | null;
  readonly queueUrl: string | null;
  /** Where word of batches goes whose events were given up. */
  readonly failedBatchesUrl: string | null;
  /** The table of deliveries. */
  readonly deliveries: StoreContext | null;
  readonly resolve: Resolve;
}

interface Known {
  readonly stage: string;
  readonly settings: Pick<Stage, 'webhooks'> | null;
  readonly documents: StoredDocuments;
  /** The tenant of whose endpoint all is told; of those of all others, what is wrong. */
  readonly tenant_id: number | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Whether shops are told of events: of stack, endpoints, bus, queues and what is stored of deliveries. */
export async function checkWebhooks(subject: WebhookSubject, known: Known): Promise<Result[]> {
  const { stack, busName, queueUrl, failedBatchesUrl, deliveries, resolve } = subject;
  const { tenant_id, now } = known;
  const store = deliveries && createDeliveryStore(deliveries);
  const endpoints = heldWebhooks(readable(known.documents));
  const results = await Promise.all([
    checkWebhooksStack(stack, endpoints, known),
    checkEndpoints(endpoints, tenant_id, { store, resolve, now }),
    busName && queueUrl ? checkEventRules(busName, queueUrl) : [],
    queueUrl ? checkQueue({ ...deliveryQueue, url: queueUrl }) : [],
    failedBatchesUrl ? checkDeadLetters({ ...failedBatches, url: failedBatchesUrl }) : [],
    store ? checkDeliveries(store, now) : [],
  ]);
  return results.flat();
}

const deliveryQueue = {
  check: 'delivery queue',
  without: 'no webhook is sent',
  section: 'deliveries-set-aside',
} as const;

const failedBatches = {
  check: 'events given up',
  without: 'nobody would know of one',
  section: 'events-given-up',
} as const;

function checkWebhooksStack(
  stack: WebhookSubject['stack'],
  endpoints: readonly HeldWebhooks[],
  { stage, settings }: Known,
): Result[] {
  if (stack === null || settings === null) return [];
  const check = 'webhooks stack';
  const name = webhooksStackName(stage);
  if (stack === 'absent') {
    if (settings.webhooks) {
      return [fault(check, `there is no ${name}: nobody is told of events. Run ${deployCommand(stage)}`)];
    }
    if (endpoints.length === 0) return [];
    const problem = `${endpoints[0]?.place} says who is told of events, and the stage has no ${name}`;
    return [warning(check, `${problem}. Set webhooks in infra/stages.ts, and deploy, or drop the document`)];
  }
  if (!settings.webhooks) {
    const advice = 'Set it there, or nobody deploys it again, or delete the stack';
    return [warning(check, `${name} is there, and webhooks is not set in infra/stages.ts. ${advice}`)];
  }
  if (endpoints.length > 0) return [checkStatus(check, stack)];
  const command = `npm run setup -- --stage ${stage} --only webhooks`;
  const problem = 'no document says who is told: events go where your own rules lead';
  return [checkStatus(check, stack), warning('endpoints', `${problem}. For webhooks run ${command}`)];
}
