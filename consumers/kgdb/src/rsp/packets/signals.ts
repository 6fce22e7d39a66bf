import type { PacketFamily } from '../outcome.js';
import type { SignalsPort } from '../target-port.js';

/** What packets about the program's signals need. */
export interface SignalNeeds {
  readonly signals: SignalsPort | undefined;
}

/** QPassSignals: signals that nobody has to stop for. */
export const signalPackets: PacketFamily<SignalNeeds> = {
  QPassSignals(packet, { signals }) {
    if (signals === undefined) return 'unsupported';
    const [list = ''] = packet.fields(/^:((?:[0-9a-f]{1,2}(?:;|$))*)$/i);
    signals.pass(new Set(list.split(';').flatMap((text) => (text === '' ? [] : [Number.parseInt(text, 16)]))));
    return 'ok';
  },
};
