import { bytesOfHex } from '../hex.js';
import type { PacketFamily } from '../outcome.js';
import { decodeRegister, registerAt, writeRegister } from '../registers.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { RegistersPort } from '../target-port.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about registers need. */
export interface RegisterNeeds {
  readonly reply: ReplyWriter;
  readonly registers: RegistersPort;
  readonly selection: Pick<ThreadSelection, 'subject'>;
}

/** g, G, p, P: registers of the selected thread. */
export const registerPackets: PacketFamily<RegisterNeeds> = {
  g(_packet, { reply, registers, selection }) {
    const thread = selection.subject();
    const { length } = registers.description.registers;
    for (let register = 0; register < length; register++) writeRegister(reply, registers, thread, register);
    return 'written';
  },

  G(packet, { registers, selection }) {
    const bytes = bytesOfHex(packet.rest);
    const { description } = registers;
    const sizes = description.registers.map(({ bits }) => bits >> 3);
    if (bytes === undefined || bytes.length !== sizes.reduce((sum, size) => sum + size, 0)) throw packet.malformed();
    const thread = selection.subject();
    let at = 0;
    for (const [register, size] of sizes.entries()) {
      registers.write(thread, register, decodeRegister(bytes.subarray(at, at + size), description));
      at += size;
    }
    return 'ok';
  },

  p(packet, { reply, registers, selection }) {
    const [digits = ''] = packet.fields(/^([0-9a-f]{1,4})$/i);
    const { number } = registerAt(registers.description, digits);
    writeRegister(reply, registers, selection.subject(), number);
    return 'written';
  },

  P(packet, { registers, selection }) {
    const [digits = '', hex = ''] = packet.fields(/^([0-9a-f]{1,4})=([0-9a-f]{2,1024})$/i);
    const { number, bytes } = registerAt(registers.description, digits);
    const value = bytesOfHex(hex);
    if (value?.length !== bytes) throw packet.malformed();
    registers.write(selection.subject(), number, decodeRegister(value, registers.description));
    return 'ok';
  },
};
