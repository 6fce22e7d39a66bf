import type { Packet } from './packet.js';
import type { Unsupported } from './target-port.js';

/**
 * What became of a packet: `ok` answers OK, `written` what the handler wrote into the reply, `silent` nothing (yet),
 * `unsupported` the empty packet, with or without a reason for whoever asks later. A `KernelError` that is thrown is a
 * refusal.
 */
export type Outcome = 'ok' | 'written' | 'silent' | 'unsupported' | Unsupported;

/** Answers packets of one name, with what it needs for that. */
export type Handler<Needs> = (packet: Packet, needs: Needs) => Outcome;

/** Packets that belong together, by name. What they need of a stub and its target is declared beside them. */
export type PacketFamily<Needs> = Readonly<Record<string, Handler<Needs>>>;
