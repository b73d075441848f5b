import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps, type Stack } from 'aws-cdk-lib';
import cdkSettings from '../../cdk.json' with { type: 'json' };
import type { Stage } from '../stages.ts';
import { createStageStacks } from './stage-stacks.ts';

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
}

/** The templates of a stage's stacks. */
export interface StageTemplates {
  readonly data: Template;
  readonly service: Template;
  /** Null where the stage has no webhooks. */
  readonly webhooks: Template | null;
  /** Null where the stage has no console. */
  readonly console: Template | null;
}

/** What `cdk` gives an app, save that no function is bundled: its templates are the same but for hashes of assets. */
export const withoutBundling: AppProps = {
  treeMetadata: false,
  context: cdkSettings.context,
  postCliContext: { 'aws:cdk:bundling-stacks': [] },
};

/**
 * The CloudFormation templates of a stage. What takes time and changes nothing in them is left out: bundling the
 * functions, and the checks that `cdk synth` makes.
 */
export function synthesizeStage(stage: Stage): StageTemplates {
  const outdir = mkdtempSync(join(tmpdir(), 'settle-template-'));
  try {
    const app = new App({ ...withoutBundling, outdir, builtinCloudFormationValidation: false });
    const { data, service, webhooks, console } = createStageStacks(app, stage);
    const assembly = app.synth();
    const templateOf = ({ artifactId }: Stack): Template => assembly.getStackArtifact(artifactId).template;
    return {
      data: templateOf(data),
      service: templateOf(service),
      webhooks: webhooks && templateOf(webhooks),
      console: console && templateOf(console),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
