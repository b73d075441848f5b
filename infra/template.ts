import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkSettings from '../cdk.json' with { type: 'json' };
import { createStageStacks } from './stage-stacks.ts';
import type { Stage } from './stages.ts';

export interface Template {
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

/** The templates of a stage's two stacks. */
export interface StageTemplates {
  readonly data: Template;
  readonly service: Template;
}

/**
 * The CloudFormation templates of a stage. What takes time and changes nothing in them is left out: bundling the
 * functions, and the checks that `cdk synth` makes.
 */
export function synthesizeStage(stage: Stage): StageTemplates {
  const outdir = mkdtempSync(join(tmpdir(), 'settle-template-'));
  try {
    const app = new App({
      outdir,
      treeMetadata: false,
      builtinCloudFormationValidation: false,
      context: cdkSettings.context,
      postCliContext: { 'aws:cdk:bundling-stacks': [] },
    });
    const { data, service } = createStageStacks(app, stage);
    const assembly = app.synth();
    return {
      data: assembly.getStackArtifact(data.artifactId).template,
      service: assembly.getStackArtifact(service.artifactId).template,
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
