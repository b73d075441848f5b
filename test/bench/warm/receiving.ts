import type { Figure, Findings, Goal, Table } from '../figure.ts';
import { alternate, cpuTimePerCallUs, ratioOf, type Spread, spreadOf } from '../measure.ts';
import { type Contest, type Contestant, orderNumbers, type Receive } from './contest.ts';

const ROUNDS = 21;

/** So many that garbage which one contestant leaves to the next weighs little. */
const CALLS = 5_000;

/** CPU time of a message in µs, by contestant, in pairs. */
type SamplesOf = (contestant: Contestant) => readonly number[];

/** What a message costs from its arrival to the event that is stored, beside the floor and the peers. */
export async function measureReceiving(contest: Contest): Promise<Findings> {
  const settle: Contestant = { name: 'Settle', receive: contest.settle, omits: '' };
  const all = [settle, contest.floor, ...contest.peers];
  for (const contestant of all) await checkAnswers(contest, contestant);
  const samples = await alternate(
    Object.fromEntries(all.map(({ name, receive }) => [name, sampler(contest, receive)])),
    { rounds: ROUNDS, warmUp: 2 },
  );
  const samplesOf: SamplesOf = ({ name }) => samples[name] ?? [];
  return {
    figures: figuresOf(contest, settle, samplesOf),
    tables: [tableOf(contest, all, samplesOf)],
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

function figuresOf(
  { provider, floor, floorGoal, peers }: Contest,
  settle: Contestant,
  samplesOf: SamplesOf,
): Figure[] {
  const figure = (against: Contestant, { median, low, high }: Spread, goal: Goal | null): Figure => ({
    part: 'warm CPU',
    subject: `${provider}: verify and read a message`,
    against: against.name,
    value: median,
    spread: [low, high],
    unit: '×',
    goal,
  });
  const overFloor = ratioOf(samplesOf(settle), samplesOf(floor));
  return [
    ...(floorGoal === null ? [] : [figure(floor, overFloor, { bound: 'at most', limit: floorGoal })]),
    ...peers.map((peer) =>
      figure(
        peer,
        ratioOf(samplesOf(peer), samplesOf(settle)),
        peer.goal === null ? null : { bound: 'at least', limit: peer.goal },
      ),
    ),
  ];
}

function tableOf(
  { provider, messages, floor }: Contest,
  contestants: readonly Contestant[],
  samplesOf: SamplesOf,
): Table {
  return {
    title: `CPU for a message of ${provider}`,
    note:
      `A message has ${messages[0]?.body.length} bytes, and each contestant is given them unless it says text. ` +
      `The floor is ${floor.name} in the forms that are fastest: a goal that would put Settle below it cannot be ` +
      'reached. Medians.',
    columns: ['contestant', 'µs', '× the floor', 'what it leaves out of what Settle does'],
    rows: contestants.map((contestant) => [
      contestant.name,
      spreadOf(samplesOf(contestant)).median,
      ratioOf(samplesOf(contestant), samplesOf(floor)).median,
      contestant.omits,
    ]),
  };
}
