import { describe, expect, it } from 'vitest';
import { type Command, type CommandOptions, helpText, readWords } from '../../../infra/command/command.ts';

const options = {
  stage: { type: 'string', value: '<name>', default: 'dev', description: 'the stage' },
  only: { type: 'string', value: '<part>', multiple: true, description: 'these parts' },
  yes: { type: 'boolean', default: false, description: 'goes on' },
} as const satisfies CommandOptions;

const command: Command<typeof options> = {
  name: 'look',
  summary: 'Looks at it.',
  options,
  variables: { TABLE_NAME: 'the table' },
  exitCodes: { 0: 'all is well', 2: 'it could not look' },
  example: '-- --stage prod',
};
const withWord = { ...command, word: { value: 'part', description: 'only this' } };

describe('readWords', () => {
  it('gives what was said, and defaults for the rest', () => {
    expect(readWords(command, ['--only', 'a', '--only=b', '--yes'])).toEqual({
      values: { stage: 'dev', only: ['a', 'b'], yes: true },
      word: undefined,
    });
  });

  it('takes one word where the command has one', () => {
    expect(readWords(withWord, ['deadline']).word).toBe('deadline');
  });

  it.each([
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--stag', 'prod'], "Unknown option '--stag'"],
    [['-x'], "Unknown option '-x'"],
    [['prod'], "'prod' belongs to no option"],
    [['--stage'], "Option '--stage <value>' argument missing"],
    [['--yes=no'], "Option '--yes' does not take an argument"],
  ])('refuses %j, naming it', (words, message) => {
    expect(() => readWords(command, words)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
  });

  it('takes no second word', () => {
    expect(() => readWords(withWord, ['a', 'b'])).toThrow("'b' belongs to no option");
  });
});

describe('helpText', () => {
  it('says how the command is called', () => {
    expect(helpText(command)).toBe(
      [
        'Looks at it.',
        '',
        'usage: npm run look -- [options]',
        '',
        'options:',
        '  --stage <name>  the stage (default: dev)',
        '  --only <part>   these parts (may be given several times)',
        '  --yes           goes on',
        '  --help          says this',
        '',
        'environment:',
        '  TABLE_NAME  the table',
        '',
        'exit codes:',
        '  0  all is well',
        '  2  it could not look',
        '',
        'example:',
        '  npm run look -- --stage prod',
        '',
      ].join('\n'),
    );
  });

  it('names the word, and another call than npm run', () => {
    const text = helpText({ ...withWord, call: 'npm look', example: '' });
    expect(text).toContain('usage: npm look -- [options] [part]\n');
    expect(text).toContain('  part            only this\n');
    expect(text.endsWith('example:\n  npm look\n')).toBe(true);
  });
});
