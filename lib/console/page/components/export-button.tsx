import { useRef, useState } from 'preact/hooks';
import { useApi } from '../api-client.ts';
import { formatCount } from '../format.ts';
import type { Query } from '../route.ts';
import { useText } from '../text.ts';
import { failureText } from './states.tsx';
import { useToast } from './toast.tsx';

interface ExportButtonProps {
  readonly path: string;
  /** The filters; the export is of all pages that they leave. */
  readonly query: Query;
  /** Without its ending. */
  readonly fileName: string;
}

/** Saves a list as a CSV file; pressed again while it reads, it gives up. */
export function ExportButton({ path, query, fileName }: ExportButtonProps) {
  const api = useApi();
  const text = useText();
  const say = useToast();
  const reading = useRef<AbortController | null>(null);
  const [rows, setRows] = useState<number | null>(null);
  const start = async () => {
    const controller = new AbortController();
    reading.current = controller;
    setRows(0);
    let read = 0;
    const count = (so_far: number) => {
      read = so_far;
      setRows(so_far);
    };
    try {
      save(await api.csv(path, query, count, controller.signal), `${fileName}.csv`);
      say(text('exported', { rows: formatCount(read), count: read }));
    } catch (error) {
      if (!controller.signal.aborted) say(failureText(error, text).title);
    } finally {
      setRows(null);
    }
  };
  return rows === null ? (
    <button type="button" onClick={start}>
      {text('export')}
    </button>
  ) : (
    <button type="button" onClick={() => reading.current?.abort()}>
      {text('exporting', { rows: formatCount(rows) })}
    </button>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
