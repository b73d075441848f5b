import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Keys } from './keys.ts';
import type { Marks } from './marks.ts';
import type { Books } from './providers/books.ts';
import type { Random } from './random.ts';
import type { Post, Reply } from './wire.ts';

/** What everybody in the world has: one clock, one seed, one story, and an address to send to. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly marks: Marks;
  readonly keys: Keys;
  readonly books: Books;
  /** One line of the run's story. */
  readonly tell: (text: string) => void;
  /** Over the internet to the API, and back. */
  readonly send: (post: Post, method?: string) => Promise<Reply>;
}
