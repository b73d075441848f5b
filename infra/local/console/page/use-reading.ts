import { useCallback, useEffect, useRef } from 'preact/hooks';

/**
 * Reads at once, and again when what is given is called: one reading at a time, however often that is, and the last one
 * begins after the last call.
 */
export function useReading(read: () => Promise<void>, inputs: readonly unknown[]): () => Promise<void> {
  const reading = useRef(false);
  const again = useRef(false);
  const reload = useCallback(async () => {
    again.current = true;
    if (reading.current) return;
    reading.current = true;
    while (again.current) {
      again.current = false;
      await read();
    }
    reading.current = false;
  }, inputs);
  useEffect(() => {
    reload();
  }, [reload]);
  return reload;
}
