/** The anchor that GitHub makes of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const fence = /^ *```.*?^ *```$/gms;

/** Of every heading; lines within code are none. */
export const anchorsOf = (markdown: string): readonly string[] =>
  Array.from(markdown.replaceAll(fence, '').matchAll(/^#+ (.+)$/gm), ([, heading = '']) => anchorOf(heading));

/** Where links and pictures lead. */
export const linksOf = (markdown: string): readonly string[] =>
  Array.from(markdown.replaceAll(fence, '').matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);

/** Commands of shell blocks, without their comments. */
export const commandsOf = (markdown: string): readonly string[] =>
  Array.from(markdown.matchAll(/^ *```sh\n(.*?)^ *```$/gms), ([, code = '']) => code)
    .flatMap((code) => code.split('\n'))
    .map((line) => line.replace(/ +# .*/, '').trim())
    .filter((line) => line !== '');
