import type { Packet } from './packet.js';
import type { Stub } from './stub.js';

/**
 * What became of a packet: `ok` answers OK, `written` what the handler wrote into the reply, `silent` nothing (yet), `unsupported` the
 * empty packet. A refusal is a `KernelError` that is thrown.
 */
export type Outcome = 'ok' | 'written' | 'silent' | 'unsupported';

/** Answers packets of one name. */
export type Handler = (packet: Packet, stub: Stub) => Outcome;

/** Packets that belong together, by name. */
export type PacketFamily = Readonly<Record<string, Handler>>;
