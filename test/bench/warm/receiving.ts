import type { Figure, Findings, Goal } from '../figure.ts';
import { alternate, cpuTimePerCallUs, ratioOf, type Spread, spreadOf } from '../measure.ts';
import { type Contest, type Contestant, orderNumbers, type Receive } from './contest.ts';

const ROUNDS = 25;

/** So many that a sample of the fastest takes 20 ms. */
const CALLS = 2_500;

/** What a message costs from its arrival to the event that is stored, beside the floor and the peers. */
export async function measureReceiving(contest: Contest): Promise<Findings> {
  const { provider, messages, floor, floorGoal, peers } = contest;
  const settle: Contestant = { name: 'Settle', receive: contest.settle, omits: '' };
  const all = [settle, floor, ...peers];
  for (const contestant of all) await checkAnswers(contest, contestant);
  const samples = await alternate(
    Object.fromEntries(all.map(({ name, receive }) => [name, sampler(contest, receive)])),
    { rounds: ROUNDS, warmUp: 2 },
  );
  const samplesOf = ({ name }: Contestant) => samples[name] ?? [];
  const figure = (against: Contestant, ratio: Spread, goal: Goal | null): Figure => ({
    part: 'warm CPU',
    subject: `${provider}: verify, decrypt, parse and normalise a message`,
    against: against.name,
    value: ratio.median,
    spread: [ratio.low, ratio.high],
    unit: '×',
    goal,
  });
  return {
    figures: [
      figure(
        floor,
        ratioOf(samplesOf(settle), samplesOf(floor)),
        floorGoal === null ? null : { bound: 'at most', limit: floorGoal },
      ),
      ...peers.map((peer) =>
        figure(
          peer,
          ratioOf(samplesOf(peer), samplesOf(settle)),
          peer.goal === null ? null : { bound: 'at least', limit: peer.goal },
        ),
      ),
    ],
    tables: [
      {
        title: `CPU for a message of ${provider}`,
        note: `${messages[0]?.body.length} bytes; medians.`,
        columns: ['contestant', 'µs', 'what it leaves out of what Settle does'],
        rows: all.map((contestant) => [
          contestant.name,
          spreadOf(samplesOf(contestant)).median,
          contestant.omits,
        ]),
      },
    ],
  };
}

/** @throws Error when a contestant does not read the messages as they are */
async function checkAnswers({ messages }: Contest, { name, receive }: Contestant): Promise<void> {
  for (const [index, message] of messages.entries()) {
    if ((await receive(message)) !== orderNumbers[index]) throw new Error(`${name} misreads a message`);
  }
}

function sampler({ messages }: Contest, receive: Receive): () => Promise<number> {
  let call = 0;
  const next = () => messages[call++ % messages.length] as (typeof messages)[number];
  return () => cpuTimePerCallUs(CALLS, () => receive(next()));
}
