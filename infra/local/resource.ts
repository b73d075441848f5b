import type { Template, TemplateResource } from '../stacks/template.ts';

/** The template's one resource of a type. @throws Error when there is none, or more than one */
export function resourceOfType(template: Template, type: string): TemplateResource {
  return onlyOne(
    resourcesOfType(template, type).map(([, resource]) => resource),
    type,
  );
}

/** All of a type, by their logical ids. */
export const resourcesOfType = ({ Resources }: Template, type: string): [string, TemplateResource][] =>
  Object.entries(Resources).filter(([, resource]) => resource.Type === type);

/** @throws Error when there is none, or more than one */
export function onlyOne<T>([first, ...others]: readonly T[], what: string): T {
  if (first === undefined || others.length > 0) throw new Error(`the template must have exactly one ${what}`);
  return first;
}

/** The resource that an expression refers to first. @throws Error when it refers to none of the template */
export function referredResource(
  { Resources }: Template,
  expression: unknown,
): [logicalId: string, resource: TemplateResource] {
  const id = /"(?:Ref":|Fn::GetAtt":\[)"(\w+)"/.exec(JSON.stringify(expression) ?? '')?.[1];
  const resource = id === undefined ? undefined : Resources[id];
  if (id === undefined || !resource) throw new Error('the template must have what it refers to');
  return [id, resource];
}

/** The function that an expression refers to, through its alias if that is one. @throws Error when there is none */
export function referredFunction(
  template: Template,
  expression: unknown,
): [logicalId: string, resource: TemplateResource] {
  const [id, resource] = referredResource(template, expression);
  if (resource.Type === 'AWS::Lambda::Alias') {
    return referredFunction(template, resource.Properties['FunctionName']);
  }
  return [id, resource];
}
