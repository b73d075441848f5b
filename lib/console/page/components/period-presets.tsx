import { daysAgo } from '../format.ts';
import { changeQuery } from '../navigation.ts';
import { useText } from '../text.ts';

interface PeriodPresetsProps {
  /** Days, both included. */
  readonly from: string;
  readonly to: string;
  /** How many days with today; at most what the API takes. */
  readonly lengths: readonly number[];
  /** The day so many days before today, where that is no local one. */
  readonly dayBefore?: (days: number) => string;
}

/** Periods that end today, at one press. */
export function PeriodPresets({ from, to, lengths, dayBefore = daysAgo }: PeriodPresetsProps) {
  const text = useText();
  const today = dayBefore(0);
  return (
    <fieldset class="presets">
      <legend>{text('period')}</legend>
      {lengths.map((days) => {
        const first = dayBefore(days - 1);
        return (
          <button
            key={days}
            type="button"
            aria-pressed={from === first && to === today}
            onClick={() => changeQuery({ from: first, to: today })}
          >
            {days === 1 ? text('last_day') : text('last_days', { days })}
          </button>
        );
      })}
    </fieldset>
  );
}
