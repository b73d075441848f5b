/** An answer's body, read no further than it may be long; null when it is longer. Rejects as the stream does. */
export async function readBoundedBody({ body }: Response, maximumSize: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maximumSize) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
