import { describe, expect, it } from 'vitest';
import { refuseForeign, refuseForeignHost } from '../../../infra/local/foreign-request.ts';

const host = '127.0.0.1:3000';
const asked = (headers: Record<string, string>, method = 'GET') => ({
  method,
  headers: { host, ...headers },
});
const navigated = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('a request', () => {
  it.each(['127.0.0.1:3000', 'localhost:3000', 'localhost', 'localhost:8080'])(
    'is for this machine where it is asked for as %s',
    (name) => {
      expect(refuseForeign(asked({ host: name }))).toBeNull();
    },
  );

  it.each([
    'stranger.example',
    'stranger.example:3000',
    'localhost.stranger.example',
    '127.0.0.1.stranger.example:3000',
    'stranger.example:127.0.0.1',
    '0.0.0.0:3000',
    '',
  ])('is misdirected where a DNS answer leads %j here', (name) => {
    expect(refuseForeign(asked({ host: name }))).toBe(421);
    expect(refuseForeignHost(asked({ host: name }))).toBe(421);
  });

  it('of no browser says nothing of a site', () => {
    expect(refuseForeign(asked({}, 'POST'))).toBeNull();
    // As Node's own fetch has it.
    expect(refuseForeign(asked({ 'sec-fetch-mode': 'cors' }, 'POST'))).toBeNull();
  });

  it.each(['GET', 'POST', 'PUT'])('of the own page is served: %s', (method) => {
    expect(refuseForeign(asked({ 'sec-fetch-site': 'same-origin' }, method))).toBeNull();
    expect(refuseForeign(asked({ origin: `http://${host}` }, method))).toBeNull();
    // A form of a page that tells nobody where it is.
    expect(refuseForeign(asked({ 'sec-fetch-site': 'same-origin', origin: 'null' }, method))).toBeNull();
  });

  it('of an address that was typed, or a link that was followed, is served', () => {
    expect(refuseForeign(asked({ 'sec-fetch-site': 'none', ...navigated }))).toBeNull();
    expect(refuseForeign(asked({ 'sec-fetch-site': 'cross-site', ...navigated }))).toBeNull();
  });

  it.each([
    ['a script', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, 'GET'],
    ['a script of another server of this machine', { 'sec-fetch-site': 'same-site' }, 'POST'],
    ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'GET'],
    ['a frame', { 'sec-fetch-site': 'cross-site', ...navigated, 'sec-fetch-dest': 'iframe' }, 'GET'],
    ['a form', { 'sec-fetch-site': 'cross-site', ...navigated }, 'POST'],
    ['a browser that only names the origin', { origin: 'http://stranger.example' }, 'POST'],
    ['a page without an origin', { origin: 'null' }, 'POST'],
    ['a page on another port', { origin: 'http://127.0.0.1:4000' }, 'POST'],
  ])('of a stranger is refused: %s', (_what, headers: Record<string, string>, method) => {
    expect(refuseForeign(asked(headers, method))).toBe(403);
    expect(refuseForeignHost(asked(headers, method))).toBeNull();
  });
});
