import type { AuthConfig } from '../../../../lib/config/auth.ts';
import { type Finding, fault } from './finding.ts';

/** Members of a JSON Web Key that only its owner may have (RFC 7518, 6.3.2 and 6.4.1). */
const privateMembers = ['d', 'k'];

export function inspectAuth(config: AuthConfig): Finding[] {
  if (!('jwks' in config)) return [];
  return config.jwks.keys.flatMap((key, index) =>
    privateMembers.some((member) => member in key)
      ? [fault(`jwks.keys.${index}`, 'holds a private key: only public ones belong here')]
      : [],
  );
}
