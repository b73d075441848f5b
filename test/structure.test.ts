import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { providers } from '../lib/orders/kinds.ts';

interface Rule {
  /** The parts of `lib` that a part may import besides itself. */
  readonly lib: readonly string[];
  readonly packages: readonly string[];
}

/**
 * The arrows of the design, and no more of them than there are: a part is a folder of `lib`, or a file directly in it.
 */
const rules: Readonly<Record<string, Rule>> = {
  money: { lib: [], packages: [] },
  json: { lib: [], packages: [] },
  io: { lib: [], packages: ['node'] },
  'aws-client': { lib: [], packages: ['node'] },
  concurrency: { lib: [], packages: [] },
  'iso-time': { lib: [], packages: [] },
  digest: { lib: [], packages: ['node'] },
  orders: { lib: ['concurrency', 'digest', 'io', 'iso-time'], packages: ['ulid'] },
  config: { lib: ['aws-client', 'json'], packages: ['@aws-sdk/client-secrets-manager', 'node', 'zod'] },
  telemetry: { lib: ['orders'], packages: ['node'] },
  providers: {
    lib: ['config', 'io', 'iso-time', 'json', 'money', 'orders'],
    packages: ['node', 'stripe', 'yauzl'],
  },
  reconciliation: { lib: ['orders'], packages: ['node'] },
  store: {
    lib: ['aws-client', 'io', 'iso-time', 'orders', 'reconciliation'],
    packages: ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', '@aws-sdk/util-dynamodb', 'node'],
  },
  announcements: {
    lib: [
      ...['concurrency', 'config', 'io', 'iso-time', 'json', 'money', 'orders', 'providers'],
      ...['store', 'telemetry'],
    ],
    packages: ['@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb', 'aws-lambda', 'zod'],
  },
  http: {
    lib: ['config', 'io', 'iso-time', 'json', 'money', 'orders', 'providers', 'telemetry'],
    packages: ['@middy/core', '@middy/http-json-body-parser', 'aws-lambda', 'jose', 'zod'],
  },
  merchants: { lib: ['config', 'orders', 'providers'], packages: [] },
  runtime: {
    lib: ['config', 'io', 'merchants', 'orders', 'providers', 'store', 'telemetry'],
    packages: ['@aws-sdk/lib-dynamodb'],
  },
  /** Join the parts. */
  functions: {
    lib: ['announcements', 'http', 'orders', 'providers', 'runtime', 'store', 'telemetry'],
    packages: ['aws-lambda'],
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

/** `lib/orders/order.ts` → `orders`, `lib/money.ts` → `money`, `functions/refund.ts` → `functions`; else null. */
const partOf = (path: string): string | null => /^(?:lib\/|(?=functions\/))([a-z-]+)/.exec(path)?.[1] ?? null;

const isLocal = (path: string): boolean => path.endsWith('.ts');
const unique = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

describe('imports', () => {
  const all = [...importsIn('lib'), ...importsIn('functions')];

  it.each(Object.entries(rules))('%s imports what its rule says', (name, { lib, packages }) => {
    const edges = all.filter(({ from }) => partOf(from) === name);
    const files = edges.filter(({ to }) => isLocal(to));
    expect(unique(files.map(({ to }) => partOf(to) ?? to).filter((part) => part !== name))).toEqual(lib);
    expect(unique(edges.filter(({ to }) => !isLocal(to)).map(({ to }) => to))).toEqual(packages);
  });

  it('every part has a rule', () => {
    const parts = globSync(['lib/**/*.ts', 'functions/*.ts'], { cwd: root }).map(
      (path) => partOf(path) ?? path,
    );
    expect(unique(parts)).toEqual(Object.keys(rules).toSorted());
  });

  it('the arrows never lead back', () => {
    const reach = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) throw new Error([...path, name].join(' → '));
      for (const next of rules[name]?.lib ?? []) reach(next, [...path, name]);
    };
    for (const name of Object.keys(rules)) reach(name, []);
  });

  it.each(['orders', 'store', 'reconciliation', 'telemetry', 'merchants', 'runtime'])(
    '%s knows no provider by name',
    (part) => {
      const files = globSync('lib/**/*.ts', { cwd: root }).filter((path) => partOf(path) === part);
      const named = files.filter((path) =>
        providers.some((name) => readFileSync(`${root}${path}`, 'utf8').includes(`'${name}'`)),
      );
      expect(named).toEqual(part === 'orders' ? ['lib/orders/kinds.ts'] : []);
    },
  );

  it.each(providers)('of %s, nobody but its own files knows more than its face', (provider) => {
    const folder = `lib/providers/${provider}/`;
    const foreign = all.filter(({ from, to }) => to.startsWith(folder) && !from.startsWith(folder));
    // Of the facts, those are to know that have no business with it.
    const known = unique(foreign.map(({ to }) => to.slice(folder.length)));
    expect(known).toEqual(['facts.ts', 'index.ts']);
  });
});
