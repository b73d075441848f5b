import type { SignIn } from './settings.ts';

/**
 * Everything comes from where the page does, and text from an order can run nothing even if it became markup. Besides
 * the API itself the console speaks to nobody but who its people sign in at.
 */
const contentSecurityPolicy = (signIn: SignIn | null): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...(signIn ? [new URL(signIn.issuer).origin, ...signIn.origins] : [])].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Of every file: no other site may frame the page, read it or keep a hand on its window, and none hears of its paths. */
export const securityHeaders = (signIn: SignIn | null): Readonly<Record<string, string>> => ({
  'content-security-policy': contentSecurityPolicy(signIn),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  // Of what knows no frame-ancestors.
  'x-frame-options': 'DENY',
});
