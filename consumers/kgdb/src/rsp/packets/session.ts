import type { PacketFamily } from '../outcome.js';

/** D, k, vKill: the end. As in Linux's stub a debugger cannot kill a kernel: it lets go of it. */
export const sessionPackets: PacketFamily = {
  D(_packet, stub) {
    stub.reply.text('OK');
    stub.sendReply();
    stub.detach();
    return 'silent';
  },

  k(_packet, stub) {
    stub.detach();
    return 'silent';
  },

  vKill(_packet, stub) {
    stub.reply.text('OK');
    stub.sendReply();
    stub.detach();
    return 'silent';
  },
};
