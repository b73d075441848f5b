import type { Telemetry } from './telemetry.ts';

/** A line for a document that is of no use while the one before stays in use: it names fields, and never a value. */
export const reportDocumentFailure =
  ({ log }: Telemetry) =>
  (document: string, error: unknown): void => {
    if (error instanceof Error && error.name === 'DocumentError') {
      const metrics = { DocumentRefused: 1 };
      log('error', 'document', { document, outcome: 'refused' }, { error, metrics });
    } else {
      log('warn', 'document', { document, outcome: 'unread' }, { error, metrics: { DocumentUnread: 1 } });
    }
  };
