import { PACKET_SIZE } from '../limits.js';
import type { PacketFamily } from '../outcome.js';
import { writeStop } from '../stop-reply.js';

/** Features that the stub has, beside its packet size. */
const FEATURES = [
  'QStartNoAckMode+',
  'swbreak+',
  'hwbreak+',
  'vContSupported+',
  'qXfer:features:read+',
  'qXfer:threads:read+',
];

/** Features of the debugger that make a difference; of the others nothing is kept. */
const UNDERSTOOD = ['swbreak', 'hwbreak'] as const;

/** What a debugger asks when it connects. */
export const generalPackets: PacketFamily = {
  qSupported({ rest }, stub) {
    stub.features.clear();
    const said = rest.slice(1).split(';');
    for (const feature of UNDERSTOOD) if (said.includes(`${feature}+`)) stub.features.add(feature);
    stub.reply.text(`PacketSize=${PACKET_SIZE.toString(16)};${FEATURES.join(';')}`);
    return 'written';
  },

  QStartNoAckMode(_packet, stub) {
    // The answer to this one is still acknowledged.
    stub.reply.text('OK');
    stub.sendReply();
    stub.noAck = true;
    return 'silent';
  },

  /** Why the target stands. As in Linux, whatever an earlier debugger left behind is removed first. */
  '?'(_packet, stub) {
    stub.target.points?.clear();
    writeStop(stub, stub.target.execution.stop);
    return 'written';
  },

  /** 1: the program was there before the debugger, which lets go of it when it quits. */
  qAttached(_packet, { reply }) {
    reply.text('1');
    return 'written';
  },

  /** Where a position-independent program was loaded. */
  qOffsets(_packet, { reply, target }) {
    const { bias } = target.execution;
    if (bias === undefined) return 'unsupported';
    const offset = bias.toString(16);
    reply.text(`Text=${offset};Data=${offset};Bss=${offset}`);
    return 'written';
  },
};
