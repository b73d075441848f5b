import { type Finding, fault } from './finding.ts';
import { textsIn } from './texts.ts';

/** The addresses that a payer or a provider is reached at must not be read or changed on the way. */
const providerAddresses: ReadonlySet<string> = new Set(['base_url', 'gateway_url']);

export function isLoopback(address: string): boolean {
  const { hostname = '' } = URL.parse(address) ?? {};
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Addresses of this machine count in the local system only. */
export function inspectAddresses(document: unknown, stage: string): Finding[] {
  const addresses = textsIn(document).filter(({ text }) => /^https?:\/\//.test(text));
  return addresses.flatMap(({ field, text }) => {
    if (isLoopback(text)) {
      return stage === 'local' ? [] : [fault(field, 'leads to the machine that reads it')];
    }
    return providerAddresses.has(field) && !text.startsWith('https:')
      ? [fault(field, 'must be an https address')]
      : [];
  });
}
