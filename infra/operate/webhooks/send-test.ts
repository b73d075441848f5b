import { createDocumentReader } from '../../../lib/config/documents.ts';
import { isLoopbackAllowed } from '../../../lib/config/webhooks.ts';
import { createTenantRegister } from '../../../lib/merchants/tenant-register.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { readTenantRegister } from '../../../lib/store/tenant-store.ts';
import { isSuccess } from '../../../lib/webhooks/attempt-schedule.ts';
import { type Attempt, type AttemptError, receiverOf } from '../../../lib/webhooks/delivery.ts';
import { createFindEndpoint } from '../../../lib/webhooks/endpoints.ts';
import { createSender } from '../../../lib/webhooks/send.ts';
import type { Surroundings } from '../run-operation.ts';
import { findTableName } from '../stage.ts';
import type { TestArguments } from './arguments.ts';
import { exampleEvent } from './example-event.ts';

/** Sends an example as the stage sends its events, and says what came back. @throws Error when there is nobody to send it to */
export async function sendTest(wanted: TestArguments, surroundings: Surroundings): Promise<0 | 1> {
  const { stage, tenant_id } = wanted;
  const { variables, io, output } = surroundings;
  const endpoint = await findEndpoint(wanted, surroundings);
  if (!endpoint) {
    const who = tenant_id === null ? `stage ${stage.name}` : `tenant ${tenant_id}`;
    const missing =
      tenant_id === null ? 'no document webhooks' : 'no webhooks of its own, or is not registered';
    throw new Error(`${who} has ${missing}: npm run setup with --only webhooks`);
  }
  const { id, type, timestamp, data } = exampleEvent(tenant_id, io);
  const { url, secrets } = endpoint;
  const signed = secrets.length > 1 ? 'under both secrets, as during a rotation' : 'under its secret';
  // What is in the address besides may be secret.
  output.write(`sent     ${type} of ${data.order_no} to ${url.origin}, signed ${signed}\n`);
  const send = createSender({ now: io.now, allowLoopback: isLoopbackAllowed(variables) });
  const attempt = await send(endpoint, { id, body: JSON.stringify({ type, timestamp, data }) });
  output.write(`${describe(attempt)}\n`);
  return isSuccess(attempt) ? 0 : 1;
}

function findEndpoint({ stage, tenant_id }: TestArguments, { variables, io }: Surroundings) {
  const register = createTenantRegister(
    async () => readTenantRegister(createStoreContext(await findTableName(stage.name, variables), io)),
    io.now,
    () => {},
  );
  const documents = {
    read: createDocumentReader(stage.name),
    // Each is read once: none is ever in use while the next is refused.
    onFailure: (_name: string, error: unknown) => {
      throw error;
    },
  };
  const allowLoopback = isLoopbackAllowed(variables);
  return createFindEndpoint({ documents, register, allowLoopback, now: io.now })(receiverOf(tenant_id));
}

const withoutAnswer: Readonly<Record<AttemptError, string>> = {
  document_unread: 'its document cannot be read',
  name_unresolved: 'its name has no address',
  address_refused: 'not sent: its name has an address that is not a public one',
  connection_failed: 'nobody answers there',
  tls_failed: 'its certificate is not accepted, or it speaks no TLS',
  answer_malformed: 'what it answers is no HTTP',
  timeout: 'it has 5 s to answer',
};

function describe(attempt: Attempt): string {
  const { status, error, duration_ms } = attempt;
  const after = `after ${duration_ms} ms`;
  if (status === null) return `refused  ${error} ${after}: ${error ? withoutAnswer[error] : 'no answer'}`;
  if (isSuccess(attempt)) return `taken    ${status} ${after}`;
  const why =
    status === 410
      ? 'it wants no more: what is answered so is given up at once'
      : status >= 300 && status < 400
        ? 'redirects are not followed'
        : 'only 2xx counts as taken';
  return `refused  ${status} ${after}: ${why}`;
}
