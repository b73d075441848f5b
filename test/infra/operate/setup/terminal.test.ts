import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openTerminal } from '../../../../infra/operate/setup/terminal.ts';

/** A terminal whose typing and showing are streams. */
function open() {
  const typed = Object.assign(new PassThrough(), { isTTY: true });
  const shown = Object.assign(new PassThrough(), { isTTY: true });
  const terminal = openTerminal(
    typed as unknown as NodeJS.ReadStream,
    shown as unknown as NodeJS.WriteStream,
  );
  return { typed, terminal, text: () => String(shown.read() ?? '') };
}

it('shows what is typed, but not a secret', async () => {
  const { typed, terminal, text } = open();
  typed.write('visible\r');
  expect(await terminal.ask('name: ')).toBe('visible');
  typed.write('hidden\r');
  expect(await terminal.askSecret('key: ')).toBe('hidden');
  const all = text();
  expect(all).toContain('visible');
  expect(all).toContain('key: ');
  expect(all).not.toContain('hidden');
});

it('keeps the terminal from showing what is typed before it asks for a secret', async () => {
  const { typed, terminal, text } = open();
  const shownBefore: string[] = [];
  const setRawMode = (isRaw: boolean) => isRaw && shownBefore.push(text());
  Object.assign(typed, { setRawMode });
  typed.write('hidden\r');
  await terminal.askSecret('key: ');
  expect(shownBefore).toEqual(['']);
});

it.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
])('ends with %s in place of an answer', async (_what, key) => {
  const { typed, terminal } = open();
  typed.write(key);
  await expect(terminal.askSecret('key: ')).rejects.toThrow('ended by hand');
});

it('asks nobody where there is no terminal', () => {
  const { terminal } = open();
  expect(terminal.isInteractive).toBe(true);
  const pipe = openTerminal(new PassThrough() as unknown as NodeJS.ReadStream, process.stdout);
  expect(pipe.isInteractive).toBe(false);
});
