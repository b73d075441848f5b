import * as z from 'zod/mini';
import { isJsonObject } from '../../../lib/json.ts';
import type { Template } from '../../stacks/template.ts';
import { compilePattern, type Matcher } from '../event-pattern.ts';
import { referredResource, resourcesOfType } from '../resource.ts';

/** Which events go into a queue. */
export interface BusRule {
  readonly name: string;
  readonly matches: Matcher;
  /** Whose a message is of those in the queue: as it stands, or `$.` and where the event says it. */
  readonly messageGroupId: string | undefined;
}

const ruleSchema = z.object({
  EventPattern: z.record(z.string(), z.unknown()),
  Targets: z.array(
    z.object({
      Arn: z.unknown(),
      SqsParameters: z.optional(z.object({ MessageGroupId: z.string() })),
    }),
  ),
});

/**
 * The rules of the template that put events into its queues, whole.
 * @throws Error for a pattern that is not supported
 */
export function readBusRules(template: Template): readonly BusRule[] {
  return resourcesOfType(template, 'AWS::Events::Rule')
    .filter(([, { Properties }]) => Properties['EventPattern'] !== undefined)
    .flatMap(([name, { Properties }]) => {
      const { EventPattern, Targets } = ruleSchema.parse(Properties);
      const matches = compilePattern(EventPattern);
      return Targets.map(({ Arn, SqsParameters }) => {
        const [, target] = referredResource(template, Arn);
        if (target.Type !== 'AWS::SQS::Queue')
          throw new Error('the target of a rule of the bus must be a queue');
        return { name, matches, messageGroupId: SqsParameters?.MessageGroupId };
      });
    });
}

/**
 * The group of an event's message (EventBridge API reference, "SqsParameters"); undefined where rule or event name none.
 */
export function groupOf({ messageGroupId: group }: BusRule, event: unknown): string | undefined {
  if (!group?.startsWith('$.')) return group;
  const found = group
    .slice('$.'.length)
    .split('.')
    .reduce<unknown>((value, name) => (isJsonObject(value) ? value[name] : undefined), event);
  return typeof found === 'string' ? found : undefined;
}
