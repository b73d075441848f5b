import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { openPrompts } from '../../../../infra/operate/setup/prompts.ts';

let typed: PassThrough;
let shown = '';

/** A terminal whose typing and showing are streams. */
function open() {
  shown = '';
  typed = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  output.on('data', (text: Buffer) => (shown += text));
  return openPrompts(typed, output);
}
afterEach(() => typed.destroy());

const text = () => stripVTControlCharacters(shown);
const appears = (part: string) => expect.poll(() => text()).toContain(part);
const good = () => null;
const enter = '\r';

it('shows the question and what is typed, and gives it without white space', async () => {
  const answer = open().ask('stripe.success_url: your page\n(Enter keeps it)', good);
  await appears('(Enter keeps it)');
  typed.write(`  visible ${enter}`);
  expect(await answer).toBe('visible');
  expect(text()).toContain('visible');
});

it('shows nothing of a secret, whether it is taken, refused or given up', async () => {
  const prompts = open();
  const taken = prompts.askSecret('key', (answer) => (answer === 'hidden-2' ? null : 'key is too short'));
  await appears('key');
  typed.write(`hidden-1${enter}`);
  await appears('key is too short');
  typed.write(`hidden-2${enter}`);
  expect(await taken).toBe('hidden-2');
  const givenUp = prompts.askSecret('other', good);
  await appears('other');
  typed.write('hidden-3\x03');
  await expect(givenUp).rejects.toThrow('ended by hand; nothing was stored');
  expect(shown).not.toMatch(/hid|den/);
});

it('asks again for what is wrong', async () => {
  const answer = open().ask('id', (given) => (given === '' ? 'the id is needed' : null));
  await appears('id');
  typed.write(enter);
  await appears('the id is needed');
  typed.write(`7${enter}`);
  expect(await answer).toBe('7');
});

it('lets a person choose, from the first on', async () => {
  const choices = [
    { value: 'jwks_url', hint: 'an address' },
    { value: 'jwks', hint: 'a file' },
  ];
  const prompts = open();
  const first = prompts.choose('which', choices);
  await appears('jwks');
  typed.write(enter);
  expect(await first).toBe('jwks_url');
  const second = prompts.choose('and now', choices);
  await appears('and now');
  typed.write(`\x1b[B${enter}`);
  expect(await second).toBe('jwks');
});

it('lets a person choose some, or none', async () => {
  const choices = [
    { value: 'wechat', hint: 'WeChat Pay' },
    { value: 'stripe', hint: 'Stripe' },
  ];
  const prompts = open();
  const none = prompts.chooseSome('which', choices);
  await appears('WeChat Pay');
  typed.write(enter);
  expect(await none).toEqual([]);
  const some = prompts.chooseSome('and now', choices);
  await appears('and now');
  typed.write(`\x1b[B ${enter}`);
  expect(await some).toEqual(['stripe']);
});

it('takes Enter for no', async () => {
  const prompts = open();
  const unsure = prompts.confirm('There?');
  await appears('There?');
  typed.write(enter);
  expect(await unsure).toBe(false);
  const sure = prompts.confirm('And here?');
  await appears('And here?');
  typed.write('y');
  expect(await sure).toBe(true);
});

it.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
  ['Escape', '\x1b'],
])('ends with %s in place of an answer', async (_what, key) => {
  const answer = open().ask('id', good);
  const ended = expect(answer).rejects.toThrow('ended by hand; nothing was stored');
  await appears('id');
  typed.write(key);
  await ended;
});

it('ends with the terminal', async () => {
  const ended = expect(open().askSecret('key', good)).rejects.toThrow('ended by hand');
  await appears('key');
  typed.end();
  await ended;
});

it('asks nobody where there is no terminal', () => {
  expect(open().isInteractive).toBe(true);
  expect(openPrompts(new PassThrough(), process.stdout).isInteractive).toBe(false);
});
