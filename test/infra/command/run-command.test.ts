import { describe, expect, it } from 'vitest';
import { type Command, UsageError } from '../../../infra/command/command.ts';
import { runCommand } from '../../../infra/command/run-command.ts';

const command: Command<Record<never, never>> = {
  name: 'look',
  summary: 'Looks at it.',
  options: {},
  exitCodes: { 0: 'all is well' },
  example: '',
};

/** A command that is called with these words and whose work ends so. */
async function end(words: readonly string[], work: () => Promise<0 | 1>, more: { tellsStack?: true } = {}) {
  let [output, errors] = ['', ''];
  const streams = {
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  };
  const code = await runCommand({ ...command, ...more }, words, streams, work);
  return { code, output, errors };
}

const fails = (error: unknown, more?: { tellsStack: true }) => end([], () => Promise.reject(error), more);
const never = () => Promise.reject(new Error('it was run'));

describe('runCommand', () => {
  it("ends with the work's own code", async () => {
    expect(await end([], async () => 1)).toEqual({ code: 1, output: '', errors: '' });
  });

  it('does nothing but help where that is asked for, whatever else is', async () => {
    for (const words of [['--help'], ['--nonsense', '--help']]) {
      const { code, output, errors } = await end(words, never);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).toContain('usage: npm run look');
    }
  });

  it('does nothing on an unknown option, and names it and where help is', async () => {
    expect(await end(['--nonsense'], never)).toEqual({
      code: 2,
      output: '',
      errors: "look: Unknown option '--nonsense'\nhow it is called: npm run look -- --help\n",
    });
  });

  it.each([
    [new Error('no table'), 'look: no table\n'],
    [Object.assign(new Error(''), { name: 'ECONNREFUSED' }), 'look: ECONNREFUSED\n'],
    [new UsageError('--all is wrong'), 'look: --all is wrong\nhow it is called: npm run look -- --help\n'],
    ['text', 'look: text\n'],
  ])('says why it could not be done: %s', async (error, errors) => {
    expect(await fails(error)).toEqual({ code: 2, output: '', errors });
  });

  it('tells those who write the code where it failed, but not of a wrong call', async () => {
    const more = { tellsStack: true } as const;
    expect((await fails(new Error('no table'), more)).errors).toMatch(
      /^look: Error: no table\n +at .*run-command\.test\.ts/,
    );
    expect((await fails(new UsageError('--all is wrong'), more)).errors).toMatch(/^look: --all is wrong\n/);
  });
});
