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

function proceed(packet: Packet, address: string, needs: ResumeNeeds): Outcome {
  moveTo(packet, address, needs);
  const { selection } = needs;
  needs.resume(selection.resume > 0 ? { threads: [selection.resumed()] } : {});
  return 'silent';
}

function step(packet: Packet, address: string, needs: ResumeNeeds): Outcome {
  moveTo(packet, address, needs);
  const thread = needs.selection.resumed();
  needs.resume({ step: { thread, start: 0n, end: 0n }, threads: [thread] });
  return 'silent';
}

/** `SIG` or `SIG;ADDR`. A signal is for programs; a kernel takes none from its debugger. */
function withoutSignal(packet: Packet): string {
  const [, address = ''] = packet.fields(/^([0-9a-f]{2})(?:;([0-9a-f]{1,16}))?$/i);
  return address;
}

/** One action of vCont, and the threads that it is for. */
interface Action {
  readonly kind: string;
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
      return { kind: (kind[0] ?? '').toLowerCase(), start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), thread };
    });
}

/**
 * The leftmost action that names a thread is the one for it. What is stepped stops the target; whoever else goes on
 * does meanwhile what it would have done without a debugger.
 */
function planOf(actions: readonly Action[], selection: ResumeNeeds['selection']): ResumePlan {
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
  c: (packet, needs) => proceed(packet, packet.rest, needs),
  C: (packet, needs) => proceed(packet, withoutSignal(packet), needs),
  s: (packet, needs) => step(packet, packet.rest, needs),
  S: (packet, needs) => step(packet, withoutSignal(packet), needs),

  'vCont?'(_packet, { reply }) {
    reply.text('vCont;c;C;s;S;r');
    return 'written';
  },

  vCont(packet, needs) {
    needs.resume(planOf(parseActions(packet), needs.selection));
    return 'silent';
  },
};
