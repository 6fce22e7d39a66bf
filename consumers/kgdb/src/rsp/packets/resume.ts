import type { Outcome, PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { RegistersPort, ResumePlan } from '../target-port.js';
import { parseThread } from '../thread-id.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets that go on need. */
export interface ResumeNeeds {
  readonly reply: ReplyWriter;
  readonly registers: Pick<RegistersPort, 'description' | 'write'>;
  readonly selection: Pick<ThreadSelection, 'resume' | 'resumed'>;
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

/** One action of vCont, and the threads that it is for. */
interface Action {
  readonly kind: string;
  /** 0: none. */
  readonly signal: number;
  readonly start: bigint;
  readonly end: bigint;
  /** -1: all that no action before it was for. */
  readonly thread: number;
}

const ACTION = /^([cs]|[CS][0-9a-f]{2}|r([0-9a-f]{1,16}),([0-9a-f]{1,16}))(?::(.+))?$/i;

function parseActions(packet: Packet): readonly Action[] {
  if (!packet.rest.startsWith(';')) throw packet.malformed();
  return packet.rest
    .slice(1)
    .split(';')
    .map((text) => {
      const match = ACTION.exec(text);
      const thread = match?.[4] === undefined ? -1 : parseThread(match[4]);
      if (match === null || thread === undefined) throw packet.malformed();
      const [, kind = '', start = '0', end = '0'] = match;
      const signal = kind.length === 3 ? Number.parseInt(kind.slice(1), 16) : 0;
      return {
        kind: (kind[0] ?? '').toLowerCase(),
        signal,
        start: BigInt(`0x${start}`),
        end: BigInt(`0x${end}`),
        thread,
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
  const everybody = actions.find(({ thread }) => thread === -1);
  const threads = actions.map(({ thread }) => (thread === 0 ? selection.resumed() : thread));
  if (stepping === undefined) return everybody === undefined ? { threads } : {};
  const thread = stepping.thread > 0 ? stepping.thread : selection.resumed();
  const step = { thread, start: stepping.start, end: stepping.end };
  // A step of everybody is a step of one: the others wait.
  if (everybody === stepping) return { step, threads: [thread] };
  return everybody === undefined ? { step, threads } : { step };
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
    needs.resume(planOf(parseActions(packet), needs.selection));
    return 'silent';
  },
};
