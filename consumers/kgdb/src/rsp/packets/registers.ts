import { kgdbError } from '../../errors.js';
import { bytesOfHex } from '../hex.js';
import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import { decodeRegister, registerAt, writeRegister } from '../registers.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { RegistersPort, ThreadsPort } from '../target-port.js';
import type { ThreadNames } from '../thread-id.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about registers need. */
export interface RegisterNeeds {
  readonly reply: ReplyWriter;
  readonly registers: RegistersPort;
  readonly threads: Pick<ThreadsPort, 'exists'>;
  readonly selection: Pick<ThreadSelection, 'subject'>;
  readonly names: Pick<ThreadNames, 'parseThread'>;
}

const SUFFIX = /;thread:([^;]*);?$/;

/** The thread whose registers a packet means, and what it says beside that: lldb names it in the packet itself. */
function subjectOf(packet: Packet, needs: RegisterNeeds): { thread: number; packet: Packet } {
  const { threads, selection, names } = needs;
  const suffix = SUFFIX.exec(packet.rest);
  if (suffix === null) return { thread: selection.subject(), packet };
  const named = names.parseThread(suffix[1] ?? '');
  if (named === undefined) throw packet.malformed();
  if (named > 0 && !threads.exists(named)) throw kgdbError('KGDB_NO_THREAD', `there is no thread ${named}`);
  // Refuses, too, once the program has ended.
  const subject = selection.subject();
  return { thread: named > 0 ? named : subject, packet: packet.without(suffix[0].length) };
}

/** g, G, p, P: registers of the selected thread, or of the one that the packet names. */
export const registerPackets: PacketFamily<RegisterNeeds> = {
  /** From now on a debugger names threads in packets about registers, and need not select them: as it likes. */
  QThreadSuffixSupported: () => 'ok',

  g(whole, needs) {
    const { reply, registers } = needs;
    const { thread } = subjectOf(whole, needs);
    const { length } = registers.description.registers;
    for (let register = 0; register < length; register++) writeRegister(reply, registers, thread, register);
    return 'written';
  },

  G(whole, needs) {
    const { registers } = needs;
    const { packet, thread } = subjectOf(whole, needs);
    const bytes = bytesOfHex(packet.rest);
    const { description } = registers;
    const sizes = description.registers.map(({ bits }) => bits >> 3);
    if (bytes === undefined || bytes.length !== sizes.reduce((sum, size) => sum + size, 0)) throw packet.malformed();
    let at = 0;
    for (const [register, size] of sizes.entries()) {
      registers.write(thread, register, decodeRegister(bytes.subarray(at, at + size), description));
      at += size;
    }
    return 'ok';
  },

  p(whole, needs) {
    const { reply, registers } = needs;
    const { packet, thread } = subjectOf(whole, needs);
    const [digits = ''] = packet.fields(/^([0-9a-f]{1,4})$/i);
    const { number } = registerAt(registers.description, digits);
    writeRegister(reply, registers, thread, number);
    return 'written';
  },

  P(whole, needs) {
    const { registers } = needs;
    const { packet, thread } = subjectOf(whole, needs);
    const [digits = '', hex = ''] = packet.fields(/^([0-9a-f]{1,4})=([0-9a-f]{2,1024})$/i);
    const { number, bytes } = registerAt(registers.description, digits);
    const value = bytesOfHex(hex);
    if (value?.length !== bytes) throw packet.malformed();
    registers.write(thread, number, decodeRegister(value, registers.description));
    return 'ok';
  },
};
