import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkSettings from '../cdk.json' with { type: 'json' };
import { PaymentStack } from './payment-stack.ts';

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/**
 * The CloudFormation template of a stage. What takes time and changes nothing in it is left out: bundling the
 * functions, and the checks that `cdk synth` makes.
 */
export function synthesizeTemplate(stage: string, publicUrl?: string): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'settle-template-'));
  try {
    const app = new App({
      outdir,
      treeMetadata: false,
      builtinCloudFormationValidation: false,
      context: cdkSettings.context,
      postCliContext: { 'aws:cdk:bundling-stacks': [] },
    });
    const { artifactId } = new PaymentStack(app, { stage, publicUrl });
    return app.synth().getStackArtifact(artifactId).template;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
