import { useEffect, useState } from 'preact/hooks';
import { get, simulate } from './server.ts';
import { useText } from './text.ts';

/** Turns the group robot off and on again. */
export function WecomSwitch() {
  const text = useText();
  const [isOn, setOn] = useState(true);
  useEffect(() => {
    get<{ fault: string | null }>('/simulator/wecom/fault').then(({ body }) => setOn(!body?.fault));
  }, []);
  const toggle = async () => {
    const { status } = await simulate('/wecom/fault', { fault: isOn ? 'http' : null });
    if (status === 200) setOn(!isOn);
  };
  return (
    <div class="tool">
      <button type="button" class={isOn ? '' : 'warning'} aria-describedby="promise-wecom" onClick={toggle}>
        {text(isOn ? 'wecom_turn_off' : 'wecom_turn_on')}
      </button>
      <p class="hint" id="promise-wecom">
        {text('wecom_promise')}
      </p>
    </div>
  );
}
