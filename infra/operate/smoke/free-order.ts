import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { Io } from '../../../lib/io.ts';
import { shopOrderNumber } from '../../../lib/orders/order-number.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { getItem } from '../../../lib/store/get-item.ts';
import { orderKey, owesAnnouncement } from '../../../lib/store/keys.ts';
import { fault, ok, type Result } from '../doctor/check.ts';
import { type Answer, request } from '../doctor/request.ts';

/** Above what shops number their orders with, and below what a number can be. */
const FIRST_ID = 9_000_000_000_000_000;
const DESCRIPTION = 'smoke test';

/** The group is told within seconds, unless something is wrong. */
const ANNOUNCED_WITHIN_MS = 60_000;
const BETWEEN_LOOKS_MS = 500;

export interface FreeOrderParts {
  readonly io: Io;
  readonly url: string;
  readonly store: StoreContext;
  readonly orderPrefix: string;
  readonly admin: string;
  readonly user: { readonly token: string; readonly sub: string };
  /** Whether the stage tells a group. */
  readonly isTold: boolean;
}

/**
 * Hands over an order that costs nothing, pays it as its user, waits until the group was told, and takes it out of the
 * table. No provider is asked.
 */
export async function tryFreeOrder(parts: FreeOrderParts): Promise<readonly Result[]> {
  const { io, orderPrefix } = parts;
  const id = FIRST_ID + io.now();
  const order_no = shopOrderNumber('mall', id, orderPrefix);
  const results: Result[] = [];
  try {
    for (const step of [handOver, pay, look, waitForGroup]) {
      const result = await step(parts, id, order_no);
      results.push(result);
      if (result.level === 'fault') break;
    }
  } finally {
    results.push(await takeAway(parts, order_no));
  }
  return results;
}

type Step = (parts: FreeOrderParts, id: number, order_no: string) => Promise<Result>;

const handOver: Step = async (parts, id, order_no) => {
  const body = { user_id: parts.user.sub, amount: 0, points: 1, description: DESCRIPTION };
  const answer = await call(parts, 'PUT', `/v2/orders/mall/${id}`, parts.admin, body);
  return judge('hand-over of an order', answer, 201, order_no);
};

const pay: Step = async (parts, id, order_no) =>
  judge(
    'its payment',
    await call(parts, 'POST', `/v2/orders/mall/${id}/pay`, parts.user.token),
    200,
    order_no,
  );

const look: Step = async (parts, id) => {
  const check = 'its state';
  const answer = await call(parts, 'GET', `/v2/orders/mall/${id}`, parts.user.token);
  if (typeof answer === 'string') return fault(check, answer);
  const isPaid = answer.status === 200 && /"status":"paid"/.test(answer.body);
  return isPaid ? ok(check, 'paid') : fault(check, `answers ${answer.status}, and not that it is paid`);
};

const waitForGroup: Step = async ({ io, store, isTold }, _id, order_no) => {
  const check = 'announcement';
  if (!isTold) return ok(check, 'the stage has no wecom: nobody is told');
  const started = io.now();
  while (io.now() - started < ANNOUNCED_WITHIN_MS) {
    const item = await getItem(store, orderKey(order_no));
    if (item && !owesAnnouncement(String(item['work'] ?? ''))) {
      return ok(check, `the group was told after ${io.now() - started} ms`);
    }
    await io.sleep(BETWEEN_LOOKS_MS);
  }
  const problem = `nobody was told of ${order_no} within a minute`;
  return fault(check, `${problem}. Look at the runbook, "announcement-late"`);
};

/** Only what this command made: an order that costs nothing, in its words. */
async function takeAway({ store }: FreeOrderParts, order_no: string): Promise<Result> {
  const check = 'clean-up';
  const command = new DeleteCommand({
    TableName: store.tableName,
    Key: orderKey(order_no),
    ConditionExpression: 'attribute_not_exists(pk) OR (amount = :nothing AND description = :words)',
    ExpressionAttributeValues: { ':nothing': 0, ':words': DESCRIPTION },
  });
  try {
    await store.client.send(command);
    return ok(check, `${order_no} is out of the table`);
  } catch (error) {
    const { name } = error instanceof Error ? error : new Error();
    return fault(check, `${order_no} could not be taken out of the table: ${name}`);
  }
}

const call = (
  { io, url }: FreeOrderParts,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<Answer | string> =>
  request(io, url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : null,
  });

function judge(check: string, answer: Answer | string, expected: number, order_no: string): Result {
  if (typeof answer === 'string') return fault(check, answer);
  if (answer.status === expected) return ok(check, `${answer.status} for ${order_no}`);
  return fault(check, `answers ${answer.status} in place of ${expected}`);
}
