import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { compareRows, matches, type OrderFilter, type OrderPage, type OrderRow } from '../rows.ts';
import { type Frame, useFrames } from './live.ts';
import { get } from './server.ts';

const PAGE_SIZE = 50;
const RECOUNT_AFTER_MS = 1_000;
const FIRST_PAGE: readonly OrderRow[] = [];

/**
 * One page of the orders. The first one takes new orders in as they come, unless it is paused or under the pointer:
 * then they are counted and wait, so that nothing moves away from under a click.
 */
export function useOrders(filter: OrderFilter) {
  const [page, setPage] = useState<OrderPage | null>(null);
  const [failed, setFailed] = useState(false);
  const [newer, setNewer] = useState(0);
  const [isPaused, setPaused] = useState(false);
  /** The last rows of the pages before this one; another filter begins with its first page. */
  const [pages, setPages] = useState({ filter, behind: FIRST_PAGE });
  const behind = pages.filter === filter ? pages.behind : FIRST_PAGE;
  const setBehind = (rows: readonly OrderRow[]) => setPages({ filter, behind: rows });
  const isHeld = useRef(false);
  const waiting = useRef(new Set<string>());
  const latestLoad = useRef(0);
  const recounting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const shown = useRef<OrderPage | null>(null);
  /** What has changed since the page was last asked for, and may not be in the answer yet. */
  const meanwhile = useRef(new Map<string, OrderRow>());

  const show = (next: OrderPage) => {
    shown.current = next;
    setPage(next);
  };

  const ask = useCallback(() => {
    const last = behind.at(-1);
    const query = new URLSearchParams({
      ...filter,
      ...(last && { behind: last.order_no, behind_time: last.created_at }),
    });
    return get<OrderPage>(`/console/orders?${query}`);
  }, [filter, behind]);

  const load = useCallback(async () => {
    latestLoad.current += 1;
    const own = latestLoad.current;
    meanwhile.current.clear();
    const { status, body } = await ask();
    if (own !== latestLoad.current) return;
    setFailed(status !== 200);
    if (status === 200 && body) show(merge(body, [...meanwhile.current.values()], filter, false).page);
    waiting.current.clear();
    setNewer(0);
  }, [ask]);

  /** How many there are can be told from what comes only roughly: the server is asked, but not for every change. */
  const recount = useCallback(() => {
    recounting.current ??= setTimeout(async () => {
      recounting.current = null;
      const own = latestLoad.current;
      const { body } = await ask();
      if (own !== latestLoad.current || !body || !shown.current) return;
      show({ ...shown.current, matching: body.matching, has_older: body.has_older });
    }, RECOUNT_AFTER_MS);
  }, [ask]);

  useEffect(() => {
    load();
    return () => {
      clearTimeout(recounting.current ?? undefined);
      recounting.current = null;
    };
  }, [load]);

  useFrames(
    (frame: Frame) => {
      if (frame.restarted) load();
      for (const row of frame.rows) meanwhile.current.set(row.order_no, row);
      if (frame.rows.length === 0 || !shown.current) return;
      const takesNew = behind.length === 0 && !isPaused && !isHeld.current;
      const { page: after, left } = merge(shown.current, frame.rows, filter, takesNew);
      for (const order_no of left) waiting.current.add(order_no);
      show(after);
      setNewer(waiting.current.size);
      recount();
    },
    [load, recount, filter, behind, isPaused],
  );

  return {
    page,
    failed,
    newer,
    isPaused,
    pageNumber: behind.length + 1,
    setPaused: (paused: boolean) => {
      setPaused(paused);
      if (!paused) load();
    },
    hold: () => {
      isHeld.current = true;
    },
    release: () => {
      isHeld.current = false;
      if (!isPaused && behind.length === 0 && waiting.current.size > 0) load();
    },
    showNewest: () => (behind.length > 0 ? setBehind(FIRST_PAGE) : load()),
    goOlder: () => {
      const last = page?.rows.at(-1);
      if (last) setBehind([...behind, last]);
    },
    goNewer: () => setBehind(behind.slice(0, -1)),
    reload: load,
  };
}

/** The page with its rows as they are now, and with the new ones if it takes any; `left` are those it did not take. */
function merge(page: OrderPage, changed: readonly OrderRow[], filter: OrderFilter, takesNew: boolean) {
  const byNumber = new Map(changed.map((row) => [row.order_no, row]));
  const shown = new Set(page.rows.map(({ order_no }) => order_no));
  const kept = page.rows.map((row) => byNumber.get(row.order_no) ?? row);
  const last = page.rows.at(-1);
  const fresh = changed.filter(
    (row) =>
      !shown.has(row.order_no) &&
      matches(row, filter) &&
      (!page.has_older || !last || compareRows(row, last) < 0),
  );
  if (!takesNew) return { page: { ...page, rows: kept }, left: fresh.map(({ order_no }) => order_no) };
  const still = kept.filter((row) => matches(row, filter));
  const rows = [...still, ...fresh].sort(compareRows);
  const grown = page.matching + fresh.length - (kept.length - still.length);
  return {
    page: {
      rows: rows.slice(0, PAGE_SIZE),
      matching: grown,
      has_older: page.has_older || rows.length > PAGE_SIZE,
    },
    left: [],
  };
}
