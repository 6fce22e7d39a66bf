import type { ImageReader, ImageValue } from '@hwbp/core';
import { Receiver } from './receiver.js';
import {
  CRYSTAL,
  FCR_DMA_MODE,
  FCR_ENABLE,
  FCR_RCVR_RESET,
  FCR_XMIT_RESET,
  IER_DLM,
  IER_EDSSI,
  IER_ELSI,
  IER_ERBFI,
  IER_ETBEI,
  IIR_DATA_AVAILABLE,
  IIR_FCR,
  IIR_FIFOS,
  IIR_LINE_STATUS,
  IIR_MODEM_STATUS,
  IIR_NONE,
  IIR_THR_EMPTY,
  IIR_TIMEOUT,
  LCR,
  LCR_BREAK,
  LCR_DLAB,
  LCR_PEN,
  LCR_STB,
  LCR_WLS,
  LSR,
  LSR_THRE,
  MCR,
  MCR_DTR,
  MCR_LOOP,
  MCR_OUT1,
  MCR_OUT2,
  MCR_RTS,
  MSR,
  MSR_CTS,
  MSR_DCD,
  MSR_DCTS,
  MSR_DDCD,
  MSR_DDSR,
  MSR_DSR,
  MSR_RI,
  MSR_TERI,
  RBR_THR_DLL,
  SCR,
  TRIGGER_LEVELS,
} from './registers.js';
import type { Incoming, ModemInputs } from './serial-line.js';
import { Transmitter } from './transmitter.js';

/** What the port works with. */
export interface UartHost {
  /** Its interrupt output. */
  interrupt(on: boolean): void;
  /** A character has gone out. */
  sent(value: number): void;
  /** Calls {@link Uart.shifted} after a character's time; that has not been asked for yet. */
  shift(ns: number): void;
  /** Calls {@link Uart.timeout} after four characters' time, counted anew; `undefined`: it is not called. */
  watch(ns: number | undefined): void;
}

/** Bits of a modem's inputs, and what says that they have changed. */
const CHANGES = [
  [MSR_CTS, MSR_DCTS],
  [MSR_DSR, MSR_DDSR],
  [MSR_DCD, MSR_DDCD],
] as const;

/** A PC16550D: what its registers say, and what they do. It knows no bus and no time. */
export class Uart {
  readonly #host: UartHost;
  readonly #receiver = new Receiver();
  readonly #transmitter = new Transmitter();
  #ier = 0;
  #fcr = 0;
  #lcr = 0;
  #mcr = 0;
  #scr = 0;
  /** The inputs that it sees, and their changes. */
  #msr: number;
  #divisor: number;
  /** What the modem says, looped back or not. */
  #modem: number;

  constructor(host: UartHost, modem: ModemInputs, divisor: number) {
    this.#host = host;
    this.#modem = bitsOf(modem);
    this.#msr = this.#modem;
    this.#divisor = divisor;
  }

  /** Nanoseconds of a character: start, data, parity and stop bits. */
  get characterTime(): number {
    const data = 5 + (this.#lcr & LCR_WLS);
    const parity = (this.#lcr & LCR_PEN) === 0 ? 0 : 1;
    const stop = (this.#lcr & LCR_STB) === 0 ? 1 : data === 5 ? 1.5 : 2;
    // A divisor of 0 divides by 65,536.
    return ((1 + data + parity + stop) * 16 * (this.#divisor || 0x1_0000) * 1e9) / CRYSTAL;
  }

  read(register: number): number {
    const value = this.#read(register);
    this.#update();
    return value;
  }

  write(register: number, value: number): void {
    this.#write(register, value & 0xff);
    this.#update();
  }

  /** A character has come in. */
  receive(incoming: Incoming): void {
    // The line is not connected.
    if ((this.#mcr & MCR_LOOP) === 0) this.#arrive(incoming);
    this.#update();
  }

  /** The character on its way has gone. */
  shifted(): void {
    const value = this.#transmitter.finish() & this.#dataBits;
    const broken = (this.#lcr & LCR_BREAK) !== 0;
    if ((this.#mcr & MCR_LOOP) !== 0) this.#arrive({ value, break: broken, framing: broken });
    else if (!broken) this.#host.sent(value);
    this.#send();
    this.#update();
  }

  /** Four characters' time has passed. */
  timeout(): void {
    this.#receiver.timedOut = this.#receiver.length > 0;
    this.#update();
  }

  modemChanged(modem: ModemInputs): void {
    this.#modem = bitsOf(modem);
    this.#modemInputs();
    this.#update();
  }

  save(): ImageValue {
    return {
      registers: [this.#ier, this.#fcr, this.#lcr, this.#mcr, this.#scr, this.#msr, this.#modem],
      divisor: this.#divisor,
      receiver: this.#receiver.save(),
      transmitter: this.#transmitter.save(),
    };
  }

  restore(from: ImageReader): void {
    const registers = from.field('registers').list();
    if (registers.length !== 7) throw from.field('registers').invalid('seven registers');
    const values = registers.map((one) => one.number(0, 255)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    [this.#ier, this.#fcr, this.#lcr, this.#mcr, this.#scr, this.#msr, this.#modem] = values;
    this.#divisor = from.field('divisor').number(0, 0xffff);
    this.#receiver.restore(from.field('receiver'));
    this.#transmitter.restore(from.field('transmitter'));
    this.#update();
  }

  #read(register: number): number {
    const latches = (this.#lcr & LCR_DLAB) !== 0;
    switch (register) {
      case RBR_THR_DLL:
        return latches ? this.#divisor & 0xff : this.#take();
      case IER_DLM:
        return latches ? this.#divisor >> 8 : this.#ier;
      case IIR_FCR:
        return this.#identify();
      case LCR:
        return this.#lcr;
      case MCR:
        return this.#mcr;
      case LSR: {
        const status = this.#receiver.status | this.#transmitter.status;
        this.#receiver.statusRead();
        return status;
      }
      case MSR: {
        const status = this.#msr;
        this.#msr &= 0xf0;
        return status;
      }
      default:
        return this.#scr;
    }
  }

  #write(register: number, value: number): void {
    const latches = (this.#lcr & LCR_DLAB) !== 0;
    switch (register) {
      case RBR_THR_DLL:
        if (latches) this.#divisor = (this.#divisor & 0xff00) | value;
        else {
          this.#transmitter.put(value);
          this.#send();
        }
        break;
      case IER_DLM:
        if (latches) this.#divisor = (value << 8) | (this.#divisor & 0xff);
        else this.#enable(value & 0x0f);
        break;
      case IIR_FCR:
        this.#control(value);
        break;
      case LCR:
        this.#lcr = value;
        break;
      case MCR:
        this.#mcr = value & 0x1f;
        this.#modemInputs();
        break;
      case SCR:
        this.#scr = value;
        break;
      // LSR and MSR are for the factory to write.
    }
  }

  get #dataBits(): number {
    return 0xff >> (3 - (this.#lcr & LCR_WLS));
  }

  #take(): number {
    const value = this.#receiver.take();
    this.#watch();
    return value;
  }

  #arrive(incoming: Incoming): void {
    this.#receiver.receive(incoming, this.#dataBits);
    this.#watch();
  }

  /** The time of the FIFO's timeout begins anew, while there is something in it. */
  #watch(): void {
    const waits = (this.#fcr & FCR_ENABLE) !== 0 && this.#receiver.length > 0;
    this.#host.watch(waits ? 4 * this.characterTime : undefined);
  }

  #send(): void {
    if (this.#transmitter.begin()) this.#host.shift(this.characterTime);
  }

  /** An interrupt that is enabled while there is room interrupts at once. */
  #enable(ier: number): void {
    const begins = (ier & ~this.#ier & IER_ETBEI) !== 0;
    if (begins && (this.#transmitter.status & LSR_THRE) !== 0) this.#transmitter.emptied = true;
    this.#ier = ier;
  }

  /** FCR: without its bit 0 the others are not programmed. */
  #control(value: number): void {
    const on = (value & FCR_ENABLE) !== 0;
    this.#receiver.enableFifos(on);
    this.#transmitter.enableFifos(on);
    this.#fcr = on ? value & (0xc0 | FCR_DMA_MODE | FCR_ENABLE) : 0;
    if (on && (value & FCR_RCVR_RESET) !== 0) this.#receiver.clear();
    if (on && (value & FCR_XMIT_RESET) !== 0) this.#transmitter.clear();
    this.#watch();
  }

  /** IIR. Reading it is the answer to an empty transmitter. */
  #identify(): number {
    const pending = this.#pending();
    if (pending === IIR_THR_EMPTY) this.#transmitter.emptied = false;
    return pending | ((this.#fcr & FCR_ENABLE) === 0 ? 0 : IIR_FIFOS);
  }

  /** The interrupt of the highest priority. */
  #pending(): number {
    const [ier, receiver] = [this.#ier, this.#receiver];
    const fifos = (this.#fcr & FCR_ENABLE) !== 0;
    const trigger = fifos ? (TRIGGER_LEVELS[this.#fcr >> 6] ?? 1) : 1;
    if ((ier & IER_ELSI) !== 0 && receiver.troubles !== 0) return IIR_LINE_STATUS;
    if ((ier & IER_ERBFI) !== 0 && receiver.length >= trigger) return IIR_DATA_AVAILABLE;
    if ((ier & IER_ERBFI) !== 0 && receiver.timedOut) return IIR_TIMEOUT;
    if ((ier & IER_ETBEI) !== 0 && this.#transmitter.emptied) return IIR_THR_EMPTY;
    if ((ier & IER_EDSSI) !== 0 && (this.#msr & 0x0f) !== 0) return IIR_MODEM_STATUS;
    return IIR_NONE;
  }

  #update(): void {
    this.#host.interrupt(this.#pending() !== IIR_NONE);
  }

  /** What the modem's inputs say: looped back, they are the outputs. */
  #modemInputs(): void {
    const inputs = (this.#mcr & MCR_LOOP) === 0 ? this.#modem : loopedBack(this.#mcr);
    const changed = (this.#msr ^ inputs) & 0xf0;
    for (const [input, change] of CHANGES) if ((changed & input) !== 0) this.#msr |= change;
    if ((changed & MSR_RI) !== 0 && (inputs & MSR_RI) === 0) this.#msr |= MSR_TERI;
    this.#msr = (this.#msr & 0x0f) | inputs;
  }
}

function bitsOf({ cts, dsr, ri, dcd }: ModemInputs): number {
  return (cts ? MSR_CTS : 0) | (dsr ? MSR_DSR : 0) | (ri ? MSR_RI : 0) | (dcd ? MSR_DCD : 0);
}

/** Of MCR: DTR is DSR, RTS is CTS, OUT1 is RI and OUT2 is DCD. */
function loopedBack(mcr: number): number {
  return bitsOf({
    cts: (mcr & MCR_RTS) !== 0,
    dsr: (mcr & MCR_DTR) !== 0,
    ri: (mcr & MCR_OUT1) !== 0,
    dcd: (mcr & MCR_OUT2) !== 0,
  });
}
