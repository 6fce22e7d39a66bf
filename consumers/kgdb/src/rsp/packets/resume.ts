import type { Outcome, PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { RegistersPort, ResumePlan } from '../target-port.js';
import type { ThreadId, ThreadNames } from '../thread-id.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets that go on need. */
export interface ResumeNeeds {
  readonly reply: ReplyWriter;
  readonly registers: Pick<RegistersPort, 'description' | 'write'>;
  readonly selection: Pick<ThreadSelection, 'resume' | 'resumed'>;
  readonly names: Pick<ThreadNames, 'parse'>;
  /** Resumes the target; its stop is the answer. Refuses if it has ended. */
  resume(plan: ResumePlan): void;
}

/** A new program counter, if the packet names one. */
function moveTo(packet: Packet, digits: string, { registers, selection }: ResumeNeeds): void {
  if (digits === '') return;
  if (!/^[0-9a-f]{1,16}$/i.test(digits)) throw packet.malformed();
  registers.write(selection.resumed(), registers.description.counter, BigInt(`0x${digits}`));
}

/** `ADDR`, or `SIG;ADDR`: where to go on, and the signal for the thread. */
interface Start {
  readonly address: string;
  readonly signal: number;
}

function withSignal(packet: Packet): Start {
  const [signal = '', address = ''] = packet.fields(/^([0-9a-f]{2})(?:;([0-9a-f]{1,16}))?$/i);
  return { address, signal: Number.parseInt(signal, 16) };
}

const withoutSignal = ({ rest: address }: Packet): Start => ({ address, signal: 0 });

const signalsFor = (thread: number, signal: number): Pick<ResumePlan, 'signals'> =>
  signal === 0 ? {} : { signals: new Map([[thread, signal]]) };

function proceed(packet: Packet, { address, signal }: Start, needs: ResumeNeeds): Outcome {
  moveTo(packet, address, needs);
  const { selection } = needs;
  const thread = selection.resumed();
  needs.resume({ ...(selection.resume > 0 ? { threads: [thread] } : {}), ...signalsFor(thread, signal) });
  return 'silent';
}

function step(packet: Packet, { address, signal }: Start, needs: ResumeNeeds): Outcome {
  moveTo(packet, address, needs);
  const thread = needs.selection.resumed();
  needs.resume({ step: { thread, start: 0n, end: 0n }, threads: [thread], ...signalsFor(thread, signal) });
  return 'silent';
}

/** One action of vCont, and the threads that it is for: -1 of those that no action before it was for. */
interface Action extends ThreadId {
  readonly kind: string;
  /** 0: none. */
  readonly signal: number;
  readonly start: bigint;
  readonly end: bigint;
}

const EVERYBODY: ThreadId = { thread: -1, process: undefined };
const ACTION = /^([cs]|[CS][0-9a-f]{2}|r([0-9a-f]{1,16}),([0-9a-f]{1,16}))(?::(.+))?$/i;

function parseActions(packet: Packet, { names }: Pick<ResumeNeeds, 'names'>): readonly Action[] {
  if (!packet.rest.startsWith(';')) throw packet.malformed();
  return packet.rest
    .slice(1)
    .split(';')
    .map((text) => {
      const match = ACTION.exec(text);
      const id = match?.[4] === undefined ? EVERYBODY : names.parse(match[4]);
      if (match === null || id === undefined) throw packet.malformed();
      const [, kind = '', start = '0', end = '0'] = match;
      const signal = kind.length === 3 ? Number.parseInt(kind.slice(1), 16) : 0;
      return {
        kind: (kind[0] ?? '').toLowerCase(),
        signal,
        start: BigInt(`0x${start}`),
        end: BigInt(`0x${end}`),
        ...id,
      };
    });
}

/**
 * The leftmost action that names a thread is the one for it. What is stepped stops the target; whoever else goes on
 * does meanwhile what it would have done without a debugger.
 */
function planOf(actions: readonly Action[], selection: ResumeNeeds['selection']): ResumePlan {
  const plan = threadsOf(actions, selection);
  const signals = new Map<number, number>();
  for (const { thread, signal } of actions)
    if (signal !== 0) signals.set(thread > 0 ? thread : selection.resumed(), signal);
  return signals.size > 0 ? { ...plan, signals } : plan;
}

function threadsOf(actions: readonly Action[], selection: ResumeNeeds['selection']): ResumePlan {
  const stepping = actions.find(({ kind }) => kind !== 'c');
  const all = actions.filter(({ thread }) => thread === -1);
  const everybody = all.some(({ process }) => process === undefined);
  const threads = actions.flatMap(({ thread }) => (thread === -1 ? [] : [thread === 0 ? selection.resumed() : thread]));
  const processes = all.flatMap(({ process }) => process ?? []);
  const named: ResumePlan = processes.length > 0 ? { threads, processes } : { threads };
  if (stepping === undefined) return everybody ? {} : named;
  const thread = stepping.thread > 0 ? stepping.thread : selection.resumed();
  const step = { thread, start: stepping.start, end: stepping.end };
  // A step of everybody is a step of one: the others wait.
  if (stepping.thread === -1) return { step, threads: [thread] };
  return everybody ? { step } : { step, ...named };
}

/** c, C, s, S, vCont: going on. The answer is the next stop. */
export const resumePackets: PacketFamily<ResumeNeeds> = {
  c: (packet, needs) => proceed(packet, withoutSignal(packet), needs),
  C: (packet, needs) => proceed(packet, withSignal(packet), needs),
  s: (packet, needs) => step(packet, withoutSignal(packet), needs),
  S: (packet, needs) => step(packet, withSignal(packet), needs),

  'vCont?'(_packet, { reply }) {
    reply.text('vCont;c;C;s;S;r');
    return 'written';
  },

  vCont(packet, needs) {
    needs.resume(planOf(parseActions(packet, needs), needs.selection));
    return 'silent';
  },
};
