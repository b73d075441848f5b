import { useState } from 'preact/hooks';
import { closeDay } from './server.ts';
import { useText } from './text.ts';

const labels = { idle: 'close_day', busy: 'closing_day', failed: 'close_day_failed' } as const;

/** Ends the day, as the next morning does. */
export function DayButton() {
  const text = useText();
  const [state, setState] = useState<keyof typeof labels>('idle');
  const close = async () => {
    setState('busy');
    const { status } = await closeDay();
    setState(status === 200 ? 'idle' : 'failed');
  };
  return (
    <div class="tool">
      <button
        type="button"
        class={state === 'failed' ? 'warning' : ''}
        disabled={state === 'busy'}
        aria-describedby="promise-day"
        onClick={close}
      >
        {text(labels[state])}
      </button>
      <p class="hint" id="promise-day">
        {text('close_day_promise')}
      </p>
    </div>
  );
}
