import { useEffect, useState } from 'preact/hooks';
import {
  type Hello,
  MEASUREMENTS_KEPT,
  type Measurement,
  type OrderRow,
  type Update,
  WEBHOOKS_KEPT,
  type WebhookRow,
  type WecomMessage,
} from '../rows.ts';

export interface LiveState {
  readonly connection: 'connecting' | 'open' | 'lost';
  readonly hello: Hello | null;
  readonly counts: Hello['counts'];
  readonly measurements: readonly Measurement[];
  readonly wecom: readonly WecomMessage[];
  readonly webhooks: readonly WebhookRow[];
}

/** What one animation frame brings. `restarted`: something may have been missed before it. */
export interface Frame {
  readonly rows: readonly OrderRow[];
  readonly told: ReadonlySet<string>;
  readonly restarted: boolean;
}

const WECOM_KEPT = 20;

let state: LiveState = {
  ...{ connection: 'connecting', hello: null, counts: {} },
  ...{ measurements: [], wecom: [], webhooks: [] },
};
const rows = new Map<string, OrderRow>();
const told = new Set<string>();
let restarted = false;
let scheduled = false;
const frameListeners = new Set<(frame: Frame) => void>();
const stateListeners = new Set<(state: LiveState) => void>();

/** The document changes at most once in an animation frame, however much comes. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const frame: Frame = { rows: [...rows.values()], told: new Set(told), restarted };
    rows.clear();
    told.clear();
    restarted = false;
    for (const listener of stateListeners) listener(state);
    for (const listener of frameListeners) listener(frame);
  });
}

function greet(hello: Hello): void {
  const { counts, measurements, wecom, webhooks } = hello;
  state = { connection: 'open', hello, counts, measurements, wecom, webhooks };
  restarted = true;
  schedule();
}

function update({ rows: changed, counts, told: orders, measurements, wecom, webhooks }: Update): void {
  for (const row of changed) rows.set(row.order_no, row);
  for (const order_no of orders) told.add(order_no);
  const times = new Set(measurements.map(({ time }) => time));
  state = {
    ...state,
    counts,
    measurements: [...state.measurements.filter(({ time }) => !times.has(time)), ...measurements].slice(
      -MEASUREMENTS_KEPT,
    ),
    wecom: [...state.wecom, ...wecom].slice(-WECOM_KEPT),
    webhooks: [...state.webhooks, ...webhooks].slice(-WEBHOOKS_KEPT),
  };
  schedule();
}

/** Listens to the server; the browser connects again by itself. */
export function connect(): void {
  const source = new EventSource('/console/events');
  source.addEventListener('hello', ({ data }) => greet(JSON.parse(data)));
  source.addEventListener('update', ({ data }) => update(JSON.parse(data)));
  source.addEventListener('error', () => {
    state = { ...state, connection: 'lost' };
    schedule();
  });
}

export function useLive(): LiveState {
  const [current, setCurrent] = useState(state);
  useEffect(() => {
    stateListeners.add(setCurrent);
    // An effect runs after the page is painted, and the server may have greeted before.
    setCurrent(state);
    return () => {
      stateListeners.delete(setCurrent);
    };
  }, []);
  return current;
}

/** Calls `listener` with every frame while the component is shown. */
export function useFrames(listener: (frame: Frame) => void, inputs: readonly unknown[]): void {
  useEffect(() => {
    frameListeners.add(listener);
    return () => {
      frameListeners.delete(listener);
    };
  }, inputs);
}
