import { endpoints, functions, inStack } from '../../../infra/endpoints.ts';
import { synthesizeStage, type Template, type TemplateResource } from '../../../infra/stacks/template.ts';
import { testStage } from './stage.ts';

export const stage = testStage.name;
export const templates = synthesizeStage(testStage);

/** What of the table of endpoints the service stack holds. */
export const serviceEndpoints = inStack(endpoints);
export const serviceFunctions = inStack(functions);

export interface NamedResource extends TemplateResource {
  readonly name: string;
}

/** All resources of a type in a template, each under its logical name without CDK's hash. */
export function resourcesIn(template: Template, type: string): NamedResource[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => ({ ...resource, name: withoutHash(logicalId) }));
}

/** All of a type in the test stage's service stack. */
export const resourcesOf = (type: string): NamedResource[] => resourcesIn(templates.service, type);

/** The one resource of its type in the data or the service stack of the test stage. */
export function resourceOf(type: string): NamedResource {
  return theOnly([...resourcesIn(templates.data, type), ...resourcesOf(type)], type);
}

/** @throws Error when there is not exactly one */
export function theOnly<T>([found, ...others]: readonly T[], what: string): T {
  if (!found || others.length > 0) throw new Error(`there is not exactly one ${what}`);
  return found;
}

/** What feeds a function from the table's stream; the other one feeds from a queue. */
export const streamMapping = mapping((properties) => properties['StartingPosition'] !== undefined);

export const queueMapping = mapping((properties) => properties['StartingPosition'] === undefined);

function mapping(isIt: (properties: TemplateResource['Properties']) => boolean): NamedResource {
  const mappings = resourcesOf('AWS::Lambda::EventSourceMapping');
  return theOnly(
    mappings.filter(({ Properties }) => isIt(Properties)),
    'such event source mapping',
  );
}

/** The parameter of Systems Manager that a parameter of the template is filled from. */
export function parameterBehind({ Parameters }: Template, value: unknown): unknown {
  const { Ref } = value as { readonly Ref: string };
  return Parameters?.[Ref]?.Default;
}

/** How CDK spells a name in a logical id. */
export const logicalName = (name: string): string => name.replaceAll('-', '');

/** A value as text, with `<name>` or `<name.Attribute>` for what CloudFormation fills in. */
export function render(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = renderIntrinsic(value as Intrinsic);
  if (text === undefined) throw new Error(`cannot render ${JSON.stringify(value)}`);
  return text;
}

/** The same for an expression of CloudFormation alone. @returns undefined for anything else */
export function renderIntrinsic(value: Intrinsic): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Sub': text, 'Fn::Select': select } = value;
  if (Ref !== undefined) return `<${withoutHash(Ref)}>`;
  if (attribute) return `<${withoutHash(attribute[0])}.${attribute[1]}>`;
  if (join) return join[1].map(render).join(join[0]);
  if (text !== undefined) return text.replaceAll('${', '<').replaceAll('}', '>');
  // Of an ARN: the part that names what the ARN is of.
  if (select) return render(select[1]['Fn::Split'][1]).replace(/>$/, `.${select[0]}>`);
  return undefined;
}

export interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly [string, string];
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::Sub'?: string;
  readonly 'Fn::Select'?: readonly [number, { readonly 'Fn::Split': readonly [string, unknown] }];
}

/** There may be several, and a version's logical id also ends in a hash of its function. */
export function withoutHash(logicalId: string): string {
  return logicalId.replace(/([0-9A-F]{8})+([0-9a-f]{32})?$/, '');
}
