import type { Surroundings } from '../surroundings.ts';
import type { Post, Reply } from '../wire.ts';
import type { Word } from './books.ts';

/** Seconds between one attempt to deliver a message and the next. */
export type Retries = readonly number[];

export interface Telling {
  readonly name: string;
  /** Made anew for each attempt, because each is signed with its own time. */
  readonly compose: (attempt: number) => Post;
  readonly isAccepted: (reply: Reply) => boolean;
  readonly retries: Retries;
  /** What each attempt says, by which it is known what Settle can know. */
  readonly says?: (attempt: number) => readonly Word[];
}

export interface Habits {
  /** How likely a message is never sent. */
  readonly forgets: number;
  readonly repeats: number;
  readonly dawdles: number;
  /** How likely a payment is taken that was under way while its number was closed. */
  readonly takesLate: number;
}

/** Tells what happened, if the provider does not forget: at once or late, once or twice, until it is accepted. */
export function tellAbout(world: Surroundings, habits: Habits, telling: Telling): void {
  const { random, marks, clock, tell } = world;
  if (random.chance(habits.forgets)) {
    marks.take('never_told');
    tell(`${telling.name} is never told of`);
    return;
  }
  const isBurst = random.chance(0.01);
  const copies = isBurst ? BURST : random.chance(habits.repeats) ? 2 : 1;
  if (copies > 1) marks.take(isBurst ? 'told_in_a_burst' : 'told_twice');
  for (let copy = 0; copy < copies; copy += 1) {
    clock.after(isBurst ? 50 : delay(world, habits), () => void deliver(world, telling));
  }
}

/** So many copies at once. */
const BURST = 20;

function delay({ random, marks }: Surroundings, { dawdles }: Habits): number {
  if (!random.chance(dawdles)) return random.between(5, 3_000);
  marks.take('told_late');
  return random.pick([20_000, 180_000, 1_800_000, 9_000_000, 90_000_000]) + random.below(60_000);
}

async function deliver(
  world: Surroundings,
  { name, compose, isAccepted, retries, says = () => [] }: Telling,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    world.tell(`tells of ${name}${attempt > 0 ? `, attempt ${attempt + 1}` : ''}`);
    const [post, words] = [compose(attempt), says(attempt)];
    for (const word of words) word.isSent = true;
    const reply = await world.send(post);
    if (isAccepted(reply)) {
      for (const word of words) word.taken_at ??= world.clock.now();
      return;
    }
    const pause = retries[attempt];
    if (pause === undefined) {
      world.marks.take('gave_up_telling');
      return;
    }
    world.marks.take('told_again');
    await world.clock.sleep(pause * 1_000);
  }
}
