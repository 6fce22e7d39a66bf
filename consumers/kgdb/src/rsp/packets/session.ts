import { kgdbError } from '../../errors.js';
import type { Outbox } from '../outbox.js';
import type { Handler, PacketFamily } from '../outcome.js';
import type { ReplyWriter } from '../reply-writer.js';
import { isProcess } from '../thread-id.js';

/** What packets at the end of a session need. */
export interface SessionNeeds {
  readonly reply: ReplyWriter;
  readonly outbox: Pick<Outbox, 'send'>;
  /** What the debugger said that it understands: one that does not know processes makes up their numbers. */
  readonly features: ReadonlySet<string>;
  /** The debugger lets go: nothing is sent to it any more. */
  detach(): void;
}

/** The answer goes out before the session ends. */
const letGo: Handler<SessionNeeds> = (packet, needs) => {
  if (needs.features.has('multiprocess') && !isProcess(packet.rest))
    throw kgdbError('KGDB_NO_PROCESS', `there is no process ${packet.rest.slice(1, 10)}, only 1`);
  needs.reply.text('OK');
  needs.outbox.send();
  needs.detach();
  return 'silent';
};

/** D, k, vKill: the end. As in Linux's stub a debugger cannot kill a kernel: it lets go of it. */
export const sessionPackets: PacketFamily<SessionNeeds> = {
  D: letGo,
  vKill: letGo,

  k(_packet, needs) {
    needs.detach();
    return 'silent';
  },
};
