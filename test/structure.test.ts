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
  wording: { lib: [], packages: [] },
  money: { lib: ['wording'], packages: [] },
  json: { lib: ['wording'], packages: [] },
  io: { lib: [], packages: ['node'] },
  'aws-client': { lib: [], packages: ['node'] },
  concurrency: { lib: [], packages: [] },
  digest: { lib: [], packages: ['node'] },
  'read-through-cache': { lib: [], packages: [] },
  orders: { lib: ['concurrency', 'digest', 'io'], packages: ['ulid'] },
  'public-address': { lib: [], packages: ['ipaddr.js'] },
  config: {
    lib: ['aws-client', 'json', 'orders', 'public-address', 'read-through-cache'],
    packages: ['@aws-sdk/client-secrets-manager', 'node', 'zod'],
  },
  telemetry: { lib: ['orders', 'reconciliation', 'webhooks'], packages: ['node'] },
  providers: {
    lib: ['config', 'io', 'json', 'money', 'orders', 'wording'],
    packages: ['node', 'stripe', 'yauzl'],
  },
  reconciliation: { lib: ['io', 'orders'], packages: ['node'] },
  store: {
    lib: [
      ...['aws-client', 'concurrency', 'io', 'json', 'merchants', 'orders', 'reconciliation'],
      'webhooks',
    ],
    packages: ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', '@aws-sdk/util-dynamodb', 'node'],
  },
  webhooks: {
    lib: ['concurrency', 'config', 'io', 'merchants', 'orders', 'public-address'],
    packages: ['node', 'standardwebhooks', 'zod'],
  },
  announcements: {
    lib: [
      ...['concurrency', 'config', 'io', 'json', 'money', 'orders', 'providers'],
      ...['reconciliation', 'store', 'telemetry'],
    ],
    packages: ['@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb', 'aws-lambda', 'zod'],
  },
  http: {
    lib: [
      ...['config', 'io', 'json', 'merchants', 'money', 'orders', 'providers'],
      ...['reconciliation', 'telemetry', 'webhooks', 'wording'],
    ],
    packages: [
      ...['@middy/core', '@middy/http-json-body-parser', 'aws-lambda', 'csv-stringify', 'jose'],
      ...['node', 'zod'],
    ],
  },
  'domain-events': {
    lib: ['orders', 'providers', 'store', 'telemetry'],
    packages: ['@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb', 'aws-lambda', 'node', 'zod'],
  },
  /** Apart from what is put on it, so that only who does that carries its client. */
  'event-bus': { lib: ['aws-client', 'domain-events'], packages: ['@aws-sdk/client-eventbridge'] },
  /** The one place that knows where documents of merchants are. */
  merchants: { lib: ['config', 'orders', 'providers', 'read-through-cache'], packages: [] },
  runtime: {
    lib: [...['config', 'io', 'merchants', 'orders', 'providers'], ...['store', 'telemetry']],
    packages: ['@aws-sdk/lib-dynamodb'],
  },
  /** Apart from the runtime, so that only who needs a queue carries its client. */
  queue: { lib: ['aws-client'], packages: ['@aws-sdk/client-sqs'] },
  /** The same for a function and for an operator. */
  reconciler: {
    lib: ['io', 'orders', 'providers', 'reconciliation', 'store', 'telemetry'],
    packages: [],
  },
  /** What gives the files of the two that follow, which run in a browser. */
  console: { lib: ['http', 'telemetry'], packages: ['@middy/core', 'node'] },
  'console/docs': { lib: [], packages: ['swagger-ui-dist'] },
  'console/page': {
    lib: ['http', 'money', 'orders', 'reconciliation', 'webhooks'],
    packages: ['oauth4webapi', 'preact', 'uplot'],
  },
  /** Join the parts. */
  functions: {
    lib: [
      ...[
        'announcements',
        'config',
        'console',
        'domain-events',
        'event-bus',
        'http',
        'io',
        'merchants',
        'orders',
      ],
      ...['providers', 'queue'],
      ...['reconciler', 'reconciliation', 'runtime', 'store', 'telemetry', 'webhooks'],
    ],
    packages: ['aws-lambda'],
  },
};

/** The same for `infra`: what else of it a folder or file of it imports. `local` is known by nobody. */
const infraRules: Readonly<Record<string, readonly string[]>> = {
  'infra/app': ['infra/stacks', 'infra/stages'],
  'infra/bundling': [],
  'infra/client': [],
  'infra/command': [],
  'infra/constructs': ['infra/bundling', 'infra/endpoints', 'infra/monitoring', 'infra/stages'],
  'infra/endpoints': [],
  'infra/local': [
    'infra/bundling',
    'infra/client',
    'infra/command',
    'infra/endpoints',
    'infra/operate',
    'infra/stacks',
    'infra/stages',
  ],
  'infra/monitoring': ['infra/endpoints'],
  'infra/openapi': ['infra/endpoints'],
  'infra/operate': ['infra/command', 'infra/endpoints', 'infra/stacks', 'infra/stages'],
  'infra/stacks': ['infra/constructs', 'infra/endpoints', 'infra/monitoring', 'infra/stages'],
  'infra/stages': ['infra/endpoints'],
};

interface Import {
  readonly from: string;
  /** A file of the project, or a package. */
  readonly to: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));

function importsIn(folder: string): Import[] {
  return globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }).flatMap((from) => {
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

/** `lib/orders/order.ts` → `orders`, `lib/money.ts` → `money`, `infra/app.ts` → `infra/app`; else null. */
const partOf = (path: string): string | null =>
  /^(?:lib\/|(?=functions\/)|(?=infra\/))(console\/(?:docs|page)|(?:infra\/)?[a-z-]+)/.exec(path)?.[1] ??
  null;

const isLocal = (path: string): boolean => /\.tsx?$/.test(path);
const isStyle = (path: string): boolean => path.endsWith('.css');
const unique = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

const all = ['lib', 'functions', 'infra'].flatMap(importsIn);

const partsBeside = (name: string, edges: readonly Import[]): string[] =>
  unique(edges.map(({ to }) => partOf(to) ?? to).filter((part) => part !== name));

/** The names on the way from one to itself; null when there is none. */
function findCircle(arrows: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const follow = (name: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const next of arrows.get(name) ?? []) {
      const circle = follow(next, [...path, name]);
      if (circle) return circle;
    }
    done.add(name);
    return null;
  };
  for (const name of arrows.keys()) {
    const circle = follow(name, []);
    if (circle) return circle;
  }
  return null;
}

describe('imports', () => {
  it.each(Object.entries(rules))('%s imports what its rule says', (name, { lib, packages }) => {
    const edges = all.filter(({ from }) => partOf(from) === name);
    const files = edges.filter(({ to }) => isLocal(to));
    expect(partsBeside(name, files)).toEqual(lib);
    expect(unique(edges.map(({ to }) => to).filter((to) => !isLocal(to) && !isStyle(to)))).toEqual(packages);
  });

  it('every part has a rule', () => {
    const files = ['lib/**/*.ts', 'functions/*.ts', 'infra/**/*.{ts,tsx}'];
    const parts = globSync(files, { cwd: root }).map((path) => partOf(path) ?? path);
    expect(unique(parts)).toEqual([...Object.keys(rules), ...Object.keys(infraRules)].toSorted());
  });

  it.each(Object.entries(infraRules))('%s imports what its rule says of infra', (name, infra) => {
    const edges = all.filter(({ from, to }) => partOf(from) === name && to.startsWith('infra/'));
    expect(
      partsBeside(
        name,
        edges.filter(({ to }) => isLocal(to)),
      ),
    ).toEqual(infra);
  });

  it('nothing in lib or functions knows infra, nor anything outside the tests a test', () => {
    const outward = all.filter(({ from, to }) => !from.startsWith('infra/') && to.startsWith('infra/'));
    expect([...outward, ...all.filter(({ to }) => to.startsWith('test/'))]).toEqual([]);
  });

  it('the arrows never lead back', () => {
    const lib = Object.entries(rules).map(([name, rule]) => [name, rule.lib] as const);
    expect(findCircle(new Map([...lib, ...Object.entries(infraRules)]))).toBeNull();
  });

  it('no file imports itself by way of others, for types alone either', () => {
    const files = Map.groupBy(
      all.filter(({ to }) => isLocal(to)),
      ({ from }) => from,
    );
    const arrows = new Map(Array.from(files, ([from, edges]) => [from, edges.map(({ to }) => to)] as const));
    expect(findCircle(arrows)).toBeNull();
  });

  it.each([...['orders', 'store', 'reconciliation', 'telemetry', 'merchants', 'runtime']])(
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
    const knowing = (file: string) => foreign.filter(({ to }) => to === `${folder}${file}`);
    // Of its facts, those are to know that have no business with it.
    expect(unique(foreign.map(({ to }) => to.slice(folder.length)))).toEqual([
      ...['bill.ts', 'facts.ts', 'index.ts', 'message.ts'],
    ]);
    // The parts of the face that are taken alone: by a callback, and for bills, by the one function that reconciles.
    expect(knowing('message.ts').map(({ from }) => from.split('/')[0])).toEqual(
      knowing('message.ts').map(() => 'functions'),
    );
    expect(knowing('bill.ts').map(({ from }) => from)).toEqual(['lib/providers/all-bills.ts']);
  });

  it('no function but the one that reconciles loads what reads a bill', () => {
    const reconciling = 'functions/reconcile.ts';
    const loads = (path: string) => all.filter(({ from }) => from === path).map(({ to }) => to);
    expect(loads(reconciling)).toContain('lib/providers/all-bills.ts');
    const others = all
      .map(({ from }) => from)
      .filter((path) => path.startsWith('functions/') && path !== reconciling);
    const reached = new Set(others);
    for (const path of reached) for (const { from, to } of all) if (from === path) reached.add(to);
    expect(reached).toContain('lib/providers/all.ts');
    expect([...reached].filter((path) => /(?:^|-|\/)bills?\.ts$/.test(path) || path === 'yauzl')).toEqual([]);
  });
});

describe('what the outside world gives', () => {
  const direct =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomUUID\b|\bset(?:Timeout|Interval|Immediate)\(|\bglobalThis\b|\bprocess\.hrtime\b|\bperformance\.now\b/;
  const comments = /\/\*.*?\*\/|\/\/[^\n]*/gs;
  const types = /typeof globalThis/g;
  /** A clock that is passed in may be left out. */
  const defaults = /now: \(\) => number = Date\.now,/g;
  const isFetching = (code: string) =>
    /(?<![.\w])fetch\(/.test(code) && !/\bfetch(?:,| \}|: Io\['fetch'\])/.test(code);
  const sources = globSync('lib/**/*.ts').filter(
    (file) => !/^lib\/(?:io\.ts|console\/(?:page|docs)\/)/.test(file),
  );

  it('is passed in: the time, chance and HTTP', () => {
    const found = sources.filter((file) => {
      const code = readFileSync(file, 'utf8').replace(comments, '').replace(defaults, '').replace(types, '');
      return direct.test(code) || isFetching(code);
    });
    expect(found).toEqual([]);
  });

  it.each(['Date.now()', 'new Date()', 'Math.random()', 'setTimeout(go, 5)', 'fetch(url)'])(
    'would be found where it is not: %s',
    (code) => {
      expect(direct.test(code) || isFetching(code)).toBe(true);
    },
  );
});

describe('what a test waits for', () => {
  /** What bounds a wait by less than the settings do: a machine that is slow for a while is no fault. */
  const bounded =
    /\bvi\.wait(?:For|Until)\((?!.*timeout: 60_000)|\.poll\([^;]*?\{\s*timeout: [1-5]?\d_\d{3}\b/;
  const tests = globSync('test/**/*.test.ts').filter((file) => file !== 'test/structure.test.ts');

  it('may take as long as only a hang takes', () => {
    expect(tests.length).toBeGreaterThan(300);
    expect(tests.filter((file) => bounded.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it.each([
    'await vi.waitFor(() => expect(events).toHaveLength(2));',
    'await vi.waitUntil(() => sockets.length === 1, 5_000);',
    'await expect.poll(state, { timeout: 5_000 }).toBe(1);',
    'await expect\n  .poll(async () => (await items()).find(({ sk }) => sk), {\n    timeout: 30_000,\n  })\n  .toBe(1);',
  ])('would be found where it may not: %s', (code) => {
    expect(bounded.test(code)).toBe(true);
  });
});
