import { kgdbError } from '../../errors.js';
import type { Outbox } from '../outbox.js';
import type { Handler, PacketFamily } from '../outcome.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { ProcessesPort } from '../target-port.js';
import type { ThreadNames } from '../thread-id.js';

/** What packets at the end of a session need. */
export interface SessionNeeds {
  readonly reply: ReplyWriter;
  readonly outbox: Pick<Outbox, 'send'>;
  /** One that does not know processes makes up their numbers. */
  readonly names: Pick<ThreadNames, 'parseProcess' | 'processes'>;
  readonly processes: Pick<ProcessesPort, 'detach'> | undefined;
  /** The debugger lets go: nothing is sent to it any more. */
  detach(): void;
}

/** Of one process of several, or of all: then the answer goes out before the session ends. */
const letGo: Handler<SessionNeeds> = (packet, needs) => {
  const { names, processes } = needs;
  const process = names.parseProcess(packet.rest);
  if (process === undefined) {
    const named = packet.rest.slice(1, 10);
    throw kgdbError('KGDB_NO_PROCESS', `there is no process ${named} here: only ${names.processes.join(', ')}`);
  }
  if (process !== 'all' && processes !== undefined && names.processes.length > 1) {
    processes.detach(process);
    return 'ok';
  }
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
