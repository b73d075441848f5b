import { DayButton } from './day-button.tsx';
import { useText } from './text.ts';
import { WecomSwitch } from './wecom-switch.tsx';

/** What is done to the whole stage and not to one order, each with what comes of it. */
export function Tools({ hasWecom }: { readonly hasWecom: boolean }) {
  const text = useText();
  return (
    <>
      <button type="button" popovertarget="tools">
        {text('tools')}
      </button>
      <div id="tools" class="card tools" popover="auto">
        <h2>{text('tools')}</h2>
        <DayButton />
        {hasWecom && <WecomSwitch />}
      </div>
    </>
  );
}
