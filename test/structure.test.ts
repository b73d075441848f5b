import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Rule {
  /** The parts of `lib` that a part may import besides itself. */
  readonly lib: readonly string[];
  readonly packages: readonly string[];
}

/** The arrows of the design: a part is a folder of `lib`, or a file directly in it. */
const rules: Readonly<Record<string, Rule>> = {
  money: { lib: [], packages: [] },
  json: { lib: [], packages: [] },
  io: { lib: [], packages: ['node'] },
  concurrency: { lib: [], packages: [] },
  'iso-time': { lib: [], packages: [] },
  digest: { lib: [], packages: ['node'] },
  orders: { lib: ['money', 'concurrency', 'iso-time', 'digest'], packages: [] },
  config: { lib: ['io', 'json'], packages: ['node', 'zod', '@aws-sdk/client-secrets-manager'] },
  telemetry: { lib: ['orders'], packages: ['node'] },
  providers: {
    lib: ['orders', 'config', 'money', 'json', 'io'],
    packages: ['node', 'zod', 'stripe', 'yauzl'],
  },
  reconciliation: { lib: ['orders'], packages: ['node'] },
  store: {
    lib: ['orders', 'reconciliation', 'money', 'io', 'telemetry', 'iso-time'],
    packages: ['node', '@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', '@aws-sdk/util-dynamodb'],
  },
  notifications: {
    lib: ['orders', 'store', 'config', 'money', 'json', 'io', 'telemetry', 'concurrency', 'iso-time'],
    packages: ['node', 'zod', 'aws-lambda', '@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb'],
  },
  http: {
    lib: ['providers', 'orders', 'config', 'money', 'json', 'io', 'telemetry', 'iso-time'],
    packages: ['node', 'zod', 'aws-lambda', 'jose', '@middy/core'],
  },
};

interface Import {
  readonly from: string;
  /** A file of the project, or a package. */
  readonly to: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));

function importsIn(folder: string): Import[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root }).flatMap((from) => {
    const source = readFileSync(`${root}${from}`, 'utf8');
    const specifiers = source.matchAll(
      /^(?:import|export)\s(?:[\w\s,{}*]+\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm,
    );
    return Array.from(specifiers, ([, imported = '', dynamic]) => ({
      from,
      to: resolve(from, dynamic ?? imported),
    }));
  });
}

/** `zod/mini` → `zod`, `node:crypto` → `node`; a relative specifier becomes a path from the root. */
function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  return /^(@[^/]+\/)?[^/:]+/.exec(specifier)?.[0] ?? specifier;
}

/** `lib/orders/order.ts` → `orders`, `lib/money.ts` → `money`; null for a package. */
const partOf = (path: string): string | null => /^lib\/([a-z-]+)/.exec(path)?.[1] ?? null;

const isLocal = (path: string): boolean => path.endsWith('.ts');

describe('imports', () => {
  const inLib = importsIn('lib');

  it.each(Object.entries(rules))('%s imports what its rule allows', (name, { lib, packages }) => {
    const allowed = ({ to }: Import) =>
      isLocal(to) ? [name, ...lib].includes(partOf(to) ?? '') : packages.includes(to);
    expect(inLib.filter(({ from }) => partOf(from) === name).filter((edge) => !allowed(edge))).toEqual([]);
  });

  it('every part of lib has a rule', () => {
    const parts = globSync('lib/**/*.ts', { cwd: root }).map(partOf);
    expect([...new Set(parts)].toSorted()).toEqual(Object.keys(rules).toSorted());
  });

  it('a function imports only lib and packages', () => {
    const outside = importsIn('functions').filter(({ to }) => isLocal(to) && partOf(to) === null);
    expect(outside).toEqual([]);
  });
});
