import type { Bug } from '../world.ts';
import { changeParts, type Part, withoutSetting } from './rewrite.ts';

/** Mistakes about what the shop is told of. */

/** Writes of these items that mark nothing. */
const unmarked = (isMeant: (part: Part) => boolean): NonNullable<Bug['table']> => ({
  request: changeParts((part) => {
    if (!isMeant(part) || part.sets['events'] === undefined) return part.write;
    if (part.kind === 'Update') return withoutSetting(part.write, 'events');
    const { events: _events, ...Item } = part.write.Item ?? {};
    return { ...part.write, Item };
  }),
});

/** The update without taking away what an earlier write marked. */
function keepingMarks({ write }: Part): Part['write'] {
  const { UpdateExpression = '' } = write;
  const kept = UpdateExpression.replace(/, #events\b/, '').replace(/ ?REMOVE #events$/, '');
  return { ...write, UpdateExpression: kept };
}

export const eventBugs: readonly Bug[] = [
  {
    name: 'mark outlives the next write',
    table: { request: changeParts((part) => (part.kind === 'Update' ? keepingMarks(part) : part.write)) },
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'settlement not marked',
    table: unmarked(({ sk, sets }) => sk === 'ORDER' && sets['status'] === 'paid'),
    focus: { shopOrders: 2, likely: ['eager_payers'] },
  },
  {
    name: 'end of a refund not marked',
    table: unmarked(({ sk }) => sk.startsWith('REFUND#')),
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'exception not marked',
    table: unmarked(({ sk }) => sk.startsWith('EXCEPTION#')),
    focus: { shopOrders: 3, likely: ['misstatements', 'eager_payers'] },
  },
];
