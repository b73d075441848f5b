import { describe, expect, it } from 'vitest';
import { createDocumentLoader } from '../../../lib/config/documents.ts';
import { parseWecomDocument } from '../../../lib/config/wecom.ts';
import { reportDocumentFailure } from '../../../lib/telemetry/failures.ts';
import { captureLines } from '../../support/log-lines.ts';

const HOUR_MS = 3_600_000;
const sound = JSON.stringify({ webhook_url: 'https://wecom.example/send?key=planted' });

/** The lines of a function that has read a sound document and finds another one an hour later. */
async function linesAfter(next: () => Promise<string>) {
  const log = captureLines();
  const stored = { read: async () => sound, now: 0 };
  const source = { read: () => stored.read(), onFailure: reportDocumentFailure(log.telemetry) };
  const load = createDocumentLoader(source, 'wecom', parseWecomDocument, () => stored.now);
  await load();
  stored.read = next;
  stored.now = HOUR_MS;
  await load();
  return log;
}

describe('a document that is of no use while the one before stays in use', () => {
  it('is named with the field that is wrong, and not with its value', async () => {
    const log = await linesAfter(async () => JSON.stringify({ webhook_url: 'planted' }));
    expect(log.lines()).toEqual([
      {
        level: 'ERROR',
        message: 'document',
        document: 'wecom',
        outcome: 'refused',
        error: 'DocumentError',
        error_message: expect.stringMatching(/^configuration document "wecom": webhook_url /),
        DocumentRefused: 1,
      },
    ]);
    expect(log.written.join()).not.toContain('planted');
    expect(log.metrics()).toEqual(['DocumentRefused: 1']);
  });

  it('is named when it cannot be read, without what the error says', async () => {
    const log = await linesAfter(() => Promise.reject(new TypeError('planted')));
    expect(log.lines()).toEqual([
      {
        level: 'WARN',
        message: 'document',
        document: 'wecom',
        outcome: 'unread',
        error: 'TypeError',
        DocumentUnread: 1,
      },
    ]);
    expect(log.written.join()).not.toContain('planted');
    expect(log.metrics()).toEqual(['DocumentUnread: 1']);
  });

  it('is not spoken of when the next one is sound', async () => {
    expect((await linesAfter(async () => sound)).written).toEqual([]);
  });
});
