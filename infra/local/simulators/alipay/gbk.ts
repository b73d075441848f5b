const QUESTION_MARK = 0x3f;

let gbkBytes: Map<string, number[]> | undefined;

/** Node decodes GBK but does not encode it. What GBK does not have becomes a question mark, as in Java. */
export function encodeGbk(text: string): Buffer {
  gbkBytes ??= readGbkTable();
  const table = gbkBytes;
  return Buffer.from(
    [...text].flatMap((character) =>
      character < '\x80' ? [character.charCodeAt(0)] : (table.get(character) ?? [QUESTION_MARK]),
    ),
  );
}

function readGbkTable(): Map<string, number[]> {
  const decoder = new TextDecoder('gbk');
  const table = new Map<string, number[]>();
  for (let lead = 0xfe; lead >= 0x81; lead -= 1) {
    for (let trail = 0xfe; trail >= 0x40; trail -= 1)
      table.set(decoder.decode(Buffer.from([lead, trail])), [lead, trail]);
  }
  return table;
}
