import type { Template, TemplateResource } from '../stacks/template.ts';

/** The template's one resource of a type. @throws Error when there is none, or more than one */
export function resourceOfType({ Resources }: Template, type: string): TemplateResource {
  const [resource, ...others] = Object.values(Resources).filter((candidate) => candidate.Type === type);
  if (!resource || others.length > 0) throw new Error(`the template must have exactly one ${type}`);
  return resource;
}
