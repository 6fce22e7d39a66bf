import type { PacketFamily } from '../outcome.js';
import type { SystemCallsPort } from '../target-port.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about system calls need. */
export interface SystemCallNeeds {
  readonly systemCalls: SystemCallsPort | undefined;
  readonly selection: Pick<ThreadSelection, 'process'>;
}

/** QCatchSyscalls: the system calls of a process to stop at, `1` with numbers or without; `0`: none. */
export const systemCallPackets: PacketFamily<SystemCallNeeds> = {
  QCatchSyscalls(packet, { systemCalls, selection }) {
    if (systemCalls === undefined) return 'unsupported';
    const [on, list = ''] = packet.fields(/^:(?:0|(1)((?:;[0-9a-f]{1,8})*))$/i);
    const numbers = list.split(';').flatMap((text) => (text === '' ? [] : [Number.parseInt(text, 16)]));
    const some = numbers.length > 0 ? new Set(numbers) : 'all';
    systemCalls.catch(on === undefined ? undefined : some, selection.process());
    return 'ok';
  },
};
