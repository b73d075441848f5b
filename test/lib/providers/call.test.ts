import { expect, it } from 'vitest';
import { readBoundedBody } from '../../../lib/providers/call.ts';

/** A body in chunks of four bytes, and how many of them were taken. */
function bodyOf(chunks: number) {
  let taken = 0;
  async function* each() {
    while (taken < chunks) {
      taken += 1;
      yield Buffer.from('four');
    }
  }
  return { response: new Response(ReadableStream.from(each())), taken: () => taken };
}

it('a body may be just as long as is said', async () => {
  expect(await readBoundedBody(bodyOf(2).response, 8)).toEqual(Buffer.from('fourfour'));
  expect(await readBoundedBody(new Response(), 0)).toEqual(Buffer.alloc(0));
});

it('a longer body is none, and is read no further', async () => {
  const { response, taken } = bodyOf(1_000);
  expect(await readBoundedBody(response, 7)).toBeNull();
  expect(taken()).toBeLessThan(10);
});
