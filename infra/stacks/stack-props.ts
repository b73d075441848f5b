import type { StackProps } from 'aws-cdk-lib';
import type { Stage } from '../stages.ts';

/**
 * What the stacks of a stage have in common. Their tags stay out of the templates: CloudFormation hands them on to
 * what can be tagged in the region, which in China not everything can that has tags elsewhere.
 */
export function stackProps({ name, region }: Stage, part: string): StackProps {
  return {
    description: `Settle: payments, ${part}, stage ${name}`,
    env: region ? { region } : {},
    tags: { application: 'settle', stage: name },
  };
}
