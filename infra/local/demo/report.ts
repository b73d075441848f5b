export interface Report {
  /** Says which part of the demonstration follows. */
  part(title: string): void;
  /**
   * Runs a step and prints what it should have come to and what it came to; a step that throws is a difference.
   * The answer is whether it came as expected.
   */
  step(name: string, expected: string, run: () => Promise<string>): Promise<boolean>;
  differences(): number;
}

const NAME_WIDTH = 42;
const EXPECTED_WIDTH = 34;

export function createReport(print: (line: string) => void): Report {
  let differences = 0;
  return {
    part: (title) => print(`\n${title}`),
    async step(name, expected, run) {
      const came = await run().catch((error: unknown) => `failed: ${error}`);
      if (came !== expected) differences += 1;
      const mark = came === expected ? '✓' : '✗';
      print(`${mark} ${pad(name, NAME_WIDTH)} expected ${pad(expected, EXPECTED_WIDTH)} came ${came}`);
      return came === expected;
    },
    differences: () => differences,
  };
}

/** Chinese characters and their punctuation are two columns wide. */
function pad(text: string, width: number): string {
  const columns = [...text].reduce((sum, character) => sum + (character >= '\u2e80' ? 2 : 1), 0);
  return text + ' '.repeat(Math.max(0, width - columns));
}
