import middy from '@middy/core';
import type { Reply } from '../http/reply.ts';
import { type LoggedEvent, logRequests } from '../http/request-log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { securityHeaders } from './security-headers.ts';
import { etagOf, type FindFile, type ServedFile } from './served-files.ts';
import type { ConsoleSettings } from './settings.ts';

export interface ConsoleServerParts {
  readonly findFile: FindFile;
  readonly settings: ConsoleSettings;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

interface FileReply extends Reply {
  readonly isBase64Encoded?: boolean;
}

/** Gives the console and the reference to whoever asks: they hold nothing of a stage but where its people sign in. */
export function createConsoleServer({ findFile, settings, telemetry, now }: ConsoleServerParts) {
  const headers = securityHeaders(settings.signIn);
  const settingsFile = describeSettings(settings);
  return middy<LoggedEvent, Reply>()
    .use(logRequests(telemetry, now))
    .handler(async ({ rawPath, headers: asked }: LoggedEvent): Promise<FileReply> => {
      const file = rawPath === '/console/settings.json' ? settingsFile : findFile(fileAt(rawPath));
      if (file) return send(file, asked, headers);
      const type = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' };
      return { statusCode: 404, headers: { ...headers, ...type }, body: 'Not found\n' };
    });
}

/** The console is one page whose views have paths of their own: each path without a dot is one of them. */
function fileAt(path: string): string {
  if (/^\/docs\/?$/.test(path)) return '/docs/index.html';
  return /^\/console(\/[^.]*)?$/.test(path) ? '/console/index.html' : path;
}

function describeSettings({ stage, signIn, laboratory }: ConsoleSettings): ServedFile {
  const { issuer = '', clientId = '', scope = '' } = signIn ?? {};
  const told = { stage, signIn: signIn && { issuer, clientId, scope }, laboratory };
  const plain = Buffer.from(`${JSON.stringify(told)}\n`);
  const type = 'application/json; charset=utf-8';
  return { type, isImmutable: false, etag: etagOf(plain), plain, gzipped: null };
}

function send(
  { type, isImmutable, etag, plain, gzipped }: ServedFile,
  asked: LoggedEvent['headers'],
  headers: Readonly<Record<string, string>>,
): FileReply {
  const caching = {
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag,
    vary: 'accept-encoding',
  };
  if (knows(asked['if-none-match'], etag)) {
    return { statusCode: 304, headers: { ...headers, ...caching }, body: '' };
  }
  const compressed = gzipped && accepts(asked['accept-encoding']) ? gzipped : null;
  return {
    statusCode: 200,
    headers: {
      ...headers,
      ...caching,
      'content-type': type,
      ...(compressed && { 'content-encoding': 'gzip' }),
    },
    body: (compressed ?? plain).toString('base64'),
    isBase64Encoded: true,
  };
}

const listOf = (header = ''): string[] => header.split(',').map((part) => part.trim());

/** @param ifNoneMatch validators, compared weakly (RFC 9110, section 13.1.2) */
const knows = (ifNoneMatch: string | undefined, etag: string): boolean =>
  listOf(ifNoneMatch).some((validator) => validator === '*' || validator === etag);

/** Whether gzip is taken: named, and not with the weight 0 (RFC 9110, section 12.5.3). */
const accepts = (acceptEncoding: string | undefined): boolean =>
  listOf(acceptEncoding).some((coding) => /^(gzip|\*)(\s*;\s*q=(1|0?\.\d*[1-9]).*)?$/i.test(coding));
