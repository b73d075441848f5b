import { App, type AppProps } from 'aws-cdk-lib';
import { onTestFinished } from 'vitest';
import { withoutBundling } from '../../../infra/stacks/template.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

/** An app of CDK's without bundles. What it writes is gone when the test is over: by itself CDK leaves it behind. */
export function createApp(props: AppProps = {}): App {
  const { path, remove } = createTemporaryDirectory('settle-app-');
  onTestFinished(remove);
  return new App({ ...withoutBundling, ...props, outdir: path });
}
