import { bytesOfHex } from '../hex.js';
import type { PacketFamily } from '../outcome.js';
import { decodeRegister, registerAt, writeRegister } from '../registers.js';

/** g, G, p, P: registers of the selected thread. */
export const registerPackets: PacketFamily = {
  g(_packet, stub) {
    const thread = stub.subject();
    const { length } = stub.target.registers.description.registers;
    for (let register = 0; register < length; register++) writeRegister(stub, thread, register);
    return 'written';
  },

  G(packet, stub) {
    const { registers } = stub.target;
    const bytes = bytesOfHex(packet.rest);
    const { description } = registers;
    const sizes = description.registers.map(({ bits }) => bits >> 3);
    if (bytes === undefined || bytes.length !== sizes.reduce((sum, size) => sum + size, 0)) throw packet.malformed();
    const thread = stub.subject();
    let at = 0;
    for (const [register, size] of sizes.entries()) {
      registers.write(thread, register, decodeRegister(bytes.subarray(at, at + size), description));
      at += size;
    }
    return 'ok';
  },

  p(packet, stub) {
    const [digits = ''] = packet.fields(/^([0-9a-f]{1,4})$/i);
    const { number } = registerAt(stub, digits);
    writeRegister(stub, stub.subject(), number);
    return 'written';
  },

  P(packet, stub) {
    const [digits = '', hex = ''] = packet.fields(/^([0-9a-f]{1,4})=([0-9a-f]{2,32})$/i);
    const { number, bytes } = registerAt(stub, digits);
    const value = bytesOfHex(hex);
    if (value?.length !== bytes) throw packet.malformed();
    const { registers } = stub.target;
    registers.write(stub.subject(), number, decodeRegister(value, registers.description));
    return 'ok';
  },
};
