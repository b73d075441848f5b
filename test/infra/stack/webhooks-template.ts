import { type StageTemplates, synthesizeStage, type Template } from '../../../infra/stacks/template.ts';
import type { Stage } from '../../../infra/stages.ts';
import { testStage } from './stage.ts';
import { type NamedResource, resourcesIn, theOnly } from './template-reader.ts';

interface AllTemplates extends StageTemplates {
  readonly webhooks: Template;
  readonly console: Template;
}

/** The templates of a stage that has webhooks, and a console. */
export function synthesizeWithWebhooks(stage: Stage): AllTemplates {
  const { webhooks, console, ...others } = synthesizeStage({ console: {}, ...stage, webhooks: true });
  if (!webhooks || !console) throw new Error('a stage with webhooks and a console has no stacks for them');
  return { ...others, webhooks, console };
}

/** Of the test stage. */
export const withWebhooks = synthesizeWithWebhooks(testStage);

/** All of a type in the test stage's webhooks stack. */
export const webhookResources = (type: string): NamedResource[] => resourcesIn(withWebhooks.webhooks, type);

/** The one of its type there, or of this name. */
export const webhookResource = (type: string, name?: string): NamedResource =>
  theOnly(
    webhookResources(type).filter((resource) => name === undefined || resource.name === name),
    `${type} ${name ?? ''}`,
  );
