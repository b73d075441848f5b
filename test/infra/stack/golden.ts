import type { Template, TemplateResource } from '../../../infra/stacks/template.ts';
import type { Stage } from '../../../infra/stages.ts';
import { type Intrinsic, renderIntrinsic, withoutHash } from './template-reader.ts';

/** Each resource as its name and type, with one line for each of what CloudFormation is told about it. */
export type Description = ReadonlyMap<string, readonly string[]>;

/**
 * A template without what changes with code (assets, hashes), without its stage's and its region's names, and without
 * what its dashboard shows.
 */
export function describeTemplate(
  template: Template,
  { name, region }: Stage & { readonly region: string },
): Description {
  const general = JSON.stringify(template)
    .replaceAll(region, '<region>')
    .replaceAll(new RegExp(`settle${name}|\\b${name}\\b`, 'g'), '<stage>');
  const { Resources, Outputs }: Template = JSON.parse(general);
  const resources = Object.entries(Resources).map(
    ([id, resource]) => [`${withoutHash(id)} ${resource.Type}`, linesOf(resource)] as const,
  );
  const outputs = Object.entries(Outputs).map(
    ([id, { Value }]) => [`output ${id}`, propertyLines('Value', simplify(Value))] as const,
  );
  return new Map([...resources, ...outputs].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function linesOf({
  Type: _,
  Metadata: __,
  Properties,
  ...attributes
}: TemplateResource & { Metadata?: unknown }) {
  const { Code: ___, DashboardBody: ____, ...properties } = Properties ?? {};
  const all = simplify({ ...attributes, ...properties }) as Readonly<Record<string, unknown>>;
  return Object.entries(all)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([property, value]) => propertyLines(property, value));
}

const LONGEST_LINE = 100;

/** One line, or where that would be long one for each part; of a list, one for each element, wherever it stands. */
function propertyLines(path: string, value: unknown): string[] {
  const line = `  ${path}: ${JSON.stringify(value)}`;
  if (line.length <= LONGEST_LINE || typeof value !== 'object' || value === null) return [line];
  if (Array.isArray(value)) return value.map((element) => `  ${path}[]: ${JSON.stringify(element)}`);
  return Object.entries(value).flatMap(([name, inner]) => propertyLines(`${path}.${name}`, inner));
}

/** Expressions of CloudFormation become text, whatever is inside. */
function simplify(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplify);
  if (typeof value === 'string') return withoutHash(value);
  if (typeof value !== 'object' || value === null) return value;
  const text = renderIntrinsic(value as Intrinsic);
  if (text !== undefined) return text;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, simplify(inner)]));
}

export const write = (description: Description): string =>
  [...description]
    .map(([header, properties]) => [header, ...properties].join('\n'))
    .join('\n\n')
    .concat('\n');

/** What one description has and another has not, resource by resource. */
export function writeDifference(from: Description, to: Description): string {
  const headers = [...new Set([...from.keys(), ...to.keys()])].toSorted();
  const changes = headers.flatMap((header) => {
    const [before, after] = [from.get(header), to.get(header)];
    const changed = [
      ...minus(before ?? [], after ?? []).map((line) => `- ${line.trim()}`),
      ...minus(after ?? [], before ?? []).map((line) => `+ ${line.trim()}`),
    ];
    if (before && after && changed.length === 0) return [];
    return [[`${before ? (after ? '  ' : '- ') : '+ '}${header}`, ...changed].join('\n')];
  });
  return changes.join('\n\n').concat('\n');
}

const minus = (lines: readonly string[], others: readonly string[]) =>
  lines.filter((line) => !others.includes(line));
