import { kgdbError } from '../errors.js';
import { latin1 } from './hex.js';

const NAMED = /^[qQv][A-Za-z]*\??/;

/** A packet from a debugger: its name, and what follows. */
export class Packet {
  /** One character, or for `q`, `Q` and `v` a word: `m`, `qSupported`, `vCont?`. */
  readonly name: string;
  /** The rest, one character for each byte. */
  readonly rest: string;

  constructor(payload: Uint8Array | string) {
    const text = typeof payload === 'string' ? payload : latin1(payload);
    const first = text.charAt(0);
    const word = first === 'q' || first === 'Q' || first === 'v' ? NAMED.exec(text)?.[0] : undefined;
    this.name = word ?? first;
    this.rest = text.slice(this.name.length);
  }

  /** The packet without its last characters. */
  without(count: number): Packet {
    return new Packet(`${this.name}${this.rest.slice(0, -count)}`);
  }

  /** The groups of a pattern that {@link rest} must match as a whole. Refuses with EINVAL otherwise. */
  fields(pattern: RegExp): readonly string[] {
    const match = pattern.exec(this.rest);
    if (match !== null) return match.slice(1);
    throw this.malformed();
  }

  /** EINVAL. */
  malformed(): Error {
    const shown = `${this.name}${this.rest}`.slice(0, 40).replaceAll(/[^ -~]/g, '?');
    return kgdbError('KGDB_BAD_PACKET', `'${shown}' is not what a packet '${this.name}' looks like`);
  }
}
