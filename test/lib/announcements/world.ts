import type { DynamoDBRecord } from 'aws-lambda';
import type { AnnounceContext } from '../../../lib/announcements/announce.ts';
import { consumeStream } from '../../../lib/announcements/stream.ts';
import { sweepAnnouncements } from '../../../lib/announcements/sweep.ts';
import { sendToWecom } from '../../../lib/announcements/wecom.ts';
import type { WorkStore } from '../../../lib/store/work-store.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { createMemoryTable } from './memory-table.ts';

export const MINUTE_MS = 60_000;
const MESSAGES_PER_MINUTE = 20;
const SHUT_MS = 10 * MINUTE_MS;
const webhookUrl = new URL('https://wecom.example/cgi-bin/webhook/send?key=robot-key');

/** `refuses`: an errcode with HTTP 200; `loses`: it takes the message and its answer never comes. */
export type RobotState = 'works' | 'refuses' | 'fails' | 'unreachable' | 'loses';

export interface Faults {
  robot: () => RobotState;
  /** Asked before and after each call of an invocation: whether it ends there, as when its process is killed. */
  dies: () => boolean;
  /** Whether a write is lost. */
  storeFails: () => boolean;
}

export const noFaults: Faults = { robot: () => 'works', dies: () => false, storeFails: () => false };

/** The stream consumer and the sweep, WeCom's robot and a table, under a clock that the test moves. */
export function createWorld(start: number) {
  let now = start;
  const faults = { ...noFaults };
  const table = createMemoryTable(() => now);
  const robot = createRobot(
    () => now,
    () => faults.robot(),
  );

  /** Runs a function with what it reaches. @returns undefined when it died on the way */
  async function invoke<T>(run: (context: AnnounceContext, store: WorkStore) => Promise<T>) {
    const death = Promise.withResolvers<undefined>();
    let dead = false;
    const live = async () => {
      if (!dead && faults.dies()) {
        dead = true;
        death.resolve(undefined);
      }
      if (dead) await new Promise(() => {});
    };
    const step = async <R>(call: () => Promise<R>): Promise<R> => {
      await live();
      const result = await call();
      await live();
      return result;
    };
    const write = <R>(call: () => Promise<R>) =>
      step(async () => {
        if (faults.storeFails()) throw new Error('no store');
        return call();
      });
    const store: WorkStore = {
      listDue: (...query) => step(() => table.store.listDue(...query)),
      postponeWork: (...change) => write(() => table.store.postponeWork(...change)),
      clearWork: (...change) => write(() => table.store.clearWork(...change)),
      replaceWork: (...change) => write(() => table.store.replaceWork(...change)),
      parkWork: (...change) => write(() => table.store.parkWork(...change)),
    };
    const context: AnnounceContext = {
      send: (content) =>
        step(async () => {
          await sendToWecom({ webhookUrl }, robot, content);
          return true;
        }),
      store,
      shipping: null,
      telemetry: createTelemetry({ stage: 'test', function: 'notify-wecom' }, () => {}),
      now: () => now,
    };
    return Promise.race([run(context, store), death.promise]);
  }

  return {
    table,
    robot,
    faults,
    now: () => now,
    wait: (duration_ms: number) => {
      now += duration_ms;
    },
    /** As an event source mapping does, which gives a batch up at last. */
    async deliver(batch: readonly DynamoDBRecord[]): Promise<void> {
      for (let tries = 0; tries < 4; tries++) {
        const hasEnded = await invoke((context) => consumeStream(batch, context).then(() => true));
        if (hasEnded) return;
      }
    },
    sweep: () => invoke((context, work) => sweepAnnouncements({ context, work, now: () => now })),
  };
}

function createRobot(now: () => number, state: () => RobotState) {
  const messages: { readonly at: number; readonly content: string }[] = [];
  const attempts: { readonly at: number; readonly content: string }[] = [];
  let shutUntil = 0;

  function take(content: string): boolean {
    const lately = messages.filter(({ at }) => at > now() - MINUTE_MS);
    if (lately.length >= MESSAGES_PER_MINUTE) shutUntil = now() + SHUT_MS;
    if (now() < shutUntil) return false;
    messages.push({ at: now(), content });
    return true;
  }

  const answer: typeof fetch = async (_url, init) => {
    const { content } = JSON.parse(String(init?.body)).markdown;
    attempts.push({ at: now(), content });
    switch (state()) {
      case 'unreachable':
        throw new TypeError('fetch failed');
      case 'fails':
        return Response.json({}, { status: 500 });
      case 'refuses':
        return Response.json({ errcode: -1, errmsg: 'system busy' });
      case 'loses':
        take(content);
        throw new TypeError('terminated');
      case 'works':
        return Response.json(take(content) ? { errcode: 0 } : { errcode: 45009 });
    }
  };

  return {
    fetch: answer,
    attempts,
    messages: () => messages.map(({ content }) => content),
    wasShut: () => shutUntil > 0,
  };
}
