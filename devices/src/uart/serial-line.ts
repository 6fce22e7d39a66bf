import { HookList } from '@hwbp/core';

/** What was wrong with a character on its way. */
export interface LineErrors {
  readonly parity?: boolean;
  readonly framing?: boolean;
  /** The line was held for longer than a character; its value is 0. */
  readonly break?: boolean;
}

/** Inputs of a modem: true is asserted. */
export interface ModemInputs {
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly ri: boolean;
  readonly dcd: boolean;
}

/** A character that comes in. */
export interface Incoming extends LineErrors {
  readonly value: number;
}

/** The other end of a serial port: a terminal, or a test. */
export class SerialLine {
  /** Called with each character that the port has sent. */
  readonly output = new HookList<[value: number]>();
  /** Called with what comes in: the port takes it at its own speed. */
  readonly input = new HookList<[characters: readonly Incoming[]]>();
  /** Called when an input of the modem changes. */
  readonly modemChange = new HookList<[inputs: ModemInputs]>();
  #modem: ModemInputs = { cts: true, dsr: true, ri: false, dcd: true };

  get modem(): ModemInputs {
    return this.#modem;
  }

  /** Sends characters to the port. */
  send(characters: Iterable<number>, errors: LineErrors = {}): void {
    this.input.call(Array.from(characters, (value) => ({ value: value & 0xff, ...errors })));
  }

  /** Changes inputs of the modem. */
  setModem(inputs: Partial<ModemInputs>): void {
    this.#modem = { ...this.#modem, ...inputs };
    this.modemChange.call(this.#modem);
  }
}
