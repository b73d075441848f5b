import { expect } from 'vitest';
import type { Prompts } from '../../../../infra/operate/setup/prompts.ts';
import { run } from '../../../../infra/operate/setup/run.ts';
import { systemIo } from '../../../../lib/io.ts';
import { documentSecrets, findCanaries } from '../../../support/canaries.ts';

export interface Said {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** What a person answers to questions that look like this, one after the other. */
export type Answers = readonly (readonly [RegExp, string])[];

interface Call {
  readonly fetch?: typeof fetch;
  /** Nothing of their secrets is to be seen. */
  readonly documents: Readonly<Record<string, unknown>>;
}

/** The command as a person runs it, who gives these answers; without any, nobody is there to be asked. */
export async function runSetup(
  words: readonly string[],
  answers: Answers | undefined,
  { fetch = systemIo.fetch, documents }: Call,
): Promise<Said> {
  let [output, errors] = ['', ''];
  const rest = [...(answers ?? [])];
  /** What is answered, by the question that stands there, or by the problem with the answer before. */
  const answer = (shown: string): string => {
    output += `${shown}\n`;
    const [question, text] = rest.shift() ?? [/^$/, ''];
    if (!question.test(shown)) throw new Error(`asked ${JSON.stringify(shown)}, not ${question}`);
    return text;
  };
  const ask: Prompts['ask'] = async (question, check) => {
    let text = answer(question);
    for (let problem = check(text); problem !== null; problem = check(text)) text = answer(problem);
    return text;
  };
  const code = await run(['--stage', 'test', ...words], {
    variables: process.env,
    io: { ...systemIo, fetch },
    prompts: {
      isInteractive: answers !== undefined,
      ask,
      askSecret: ask,
      choose: async (question, choices) => {
        const chosen = answer(`${question} ${choices.map(({ value }) => value).join(', ')}`);
        expect(choices.map(({ value }) => value)).toContain(chosen);
        return chosen;
      },
      chooseSome: async (question, choices) => {
        const chosen = answer(`${question} ${choices.map(({ value }) => value).join(', ')}`);
        return chosen.split(' ').filter(Boolean);
      },
      confirm: async (question) => answer(question) === 'yes',
    },
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  });
  expect(rest).toEqual([]);
  expect(
    findCanaries(documentSecrets(documents), [{ place: 'the terminal', text: output + errors }]),
  ).toEqual([]);
  return { code, output, errors };
}
