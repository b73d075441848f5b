/** Text from outside is shown up to this many characters. */
const LONGEST_TEXT = 24;

const FULL_WIDTH_OFFSET = 0xfee0;

/**
 * Text from outside as it can stand in a line of markdown: one line, of bounded length, without control, format or
 * invisible characters. ASCII punctuation becomes its full-width twin, because WeCom documents no escape character.
 */
export function plainText(text: string): string {
  const characters = [
    ...text
      .slice(0, 8 * LONGEST_TEXT)
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim(),
  ];
  const shown =
    characters.length > LONGEST_TEXT ? [...characters.slice(0, LONGEST_TEXT - 1), '…'] : characters;
  return shown.join('').replace(/[!-/:-@[-`{-~]/g, toFullWidth);
}

function toFullWidth(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) + FULL_WIDTH_OFFSET);
}
