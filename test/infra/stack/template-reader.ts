import { synthesizeTemplate, type TemplateResource } from '../../../infra/template.ts';

export const stage = 'test';
export const template = synthesizeTemplate(stage);

export interface NamedResource extends TemplateResource {
  readonly name: string;
}

/** All resources of a type, each under its logical name without CDK's hash. */
export function resourcesOf(type: string): NamedResource[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => ({ ...resource, name: withoutHash(logicalId) }));
}

/** The one resource of its type. */
export function resourceOf(type: string): NamedResource {
  const [resource, ...others] = resourcesOf(type);
  if (!resource || others.length > 0) throw new Error(`there is not exactly one ${type}`);
  return resource;
}

/** How CDK spells a name in a logical id. */
export const logicalName = (name: string): string => name.replaceAll('-', '');

/** A value as text, with `<name>` or `<name.Attribute>` for what CloudFormation fills in. */
export function render(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Intrinsic;
  if (Ref !== undefined) return `<${withoutHash(Ref)}>`;
  if (attribute) return `<${withoutHash(attribute[0])}.${attribute[1]}>`;
  if (join) return join[1].map(render).join(join[0]);
  throw new Error(`cannot render ${JSON.stringify(value)}`);
}

interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly [string, string];
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
