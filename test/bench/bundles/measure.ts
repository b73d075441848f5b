import { endpoints } from '../../../infra/endpoints.ts';
import type { Figure, Findings, Table } from '../figure.ts';
import { type InspectedBundle, inspectBundles, packageOf } from './inspect.ts';

const CALLBACK_LIMIT_KB = 327;
const OWN = 'Settle';

/** The size of each function's bundle, and what it consists of. */
export async function measure(): Promise<Findings> {
  const bundles = await inspectBundles();
  return { figures: bundles.map(toFigure), tables: [toTable(bundles)] };
}

function toFigure({ name, bytes }: InspectedBundle): Figure {
  const isCallback = endpoints.some((endpoint) => endpoint.name === name && endpoint.callback);
  return {
    part: 'bundle',
    subject: name,
    against: null,
    value: bytes / 1_000,
    spread: null,
    unit: 'KB',
    goal: isCallback ? { bound: 'at most', limit: CALLBACK_LIMIT_KB } : null,
  };
}

function toTable(bundles: readonly InspectedBundle[]): Table {
  const byPackage = new Map(bundles.map(({ name, files }) => [name, sizes(files)]));
  const all = [...byPackage.values()].flatMap((one) => [...one.keys()]);
  const packages = [...new Set(all)].toSorted((a, b) => largest(byPackage, b) - largest(byPackage, a));
  return {
    title: 'What is in each bundle',
    note: "KB (1,000 bytes) of each bundle by package, after minifying. Stripe's package is in the bundles that call Stripe, and in no callback.",
    columns: ['bundle', ...packages],
    rows: bundles.map(({ name }) => [
      name,
      ...packages.map((one) => {
        const bytes = byPackage.get(name)?.get(one);
        return bytes === undefined ? '' : (bytes / 1_000).toFixed(1);
      }),
    ]),
  };
}

function sizes(files: InspectedBundle['files']): ReadonlyMap<string, number> {
  const byPackage = new Map<string, number>();
  for (const [file, bytes] of Object.entries(files)) {
    const name = packageOf(file) ?? OWN;
    byPackage.set(name, (byPackage.get(name) ?? 0) + bytes);
  }
  return byPackage;
}

function largest(byPackage: ReadonlyMap<string, ReadonlyMap<string, number>>, name: string): number {
  return Math.max(...[...byPackage.values()].map((one) => one.get(name) ?? 0));
}
