import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, type KernelOptions, TARGET_DESCRIPTION } from '@hwbp/core';
import { Kgdb, type KgdbSession, type SessionOptions } from '@hwbp/kgdb';

/** A payload in its frame. */
export function frame(payload: string): string {
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum += payload.charCodeAt(i);
  return `$${payload}#${(sum & 0xff).toString(16).padStart(2, '0')}`;
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * The payloads of what a stub sent, their escapes undone; acknowledgements left out. Throws where a checksum is wrong.
 */
export function payloads(text: string): string[] {
  const found: string[] = [];
  for (const [whole, payload = ''] of text.matchAll(/\$([^#]*)#[0-9a-f]{2}/gs)) {
    if (frame(payload) !== whole) throw new Error(`a bad checksum: ${whole}`);
    found.push(
      payload.replaceAll(/\}(.)/gs, (_, escaped: string) => String.fromCharCode(escaped.charCodeAt(0) ^ 0x20)),
    );
  }
  return found;
}

const defaults: { current: Partial<KernelOptions> } = { current: {} };

/** What kernels are composed with from now on in this file, unless they say otherwise. */
export function composeWith(options: Partial<KernelOptions>): void {
  defaults.current = options;
}

/** A kernel with kgdb; x86 and two CPUs if nothing else is said. */
export function kernelWith(options: Partial<KernelOptions> = {}): Kernel {
  return composeKernel({ arch: x86(), cpus: 2, strict: true, plugins: [Kgdb], ...defaults.current, ...options });
}

/** A debugger in this process: packets as text, to and from a session. */
export class Client {
  readonly session: KgdbSession;
  readonly notices: string[] = [];
  readonly #counter: number;
  #received = '';

  /** Connects as gdb does, without acknowledgements; `raw`: says nothing yet. */
  constructor(kernel: Kernel, options: Partial<SessionOptions> & { raw?: boolean } = {}) {
    const { raw, ...rest } = options;
    this.#counter = kernel.facet(TARGET_DESCRIPTION)?.counter ?? 0;
    this.session = kernel.get(Kgdb).attach({
      ...rest,
      send: (bytes) => {
        this.#received += String.fromCharCode(...bytes);
      },
      notice: (text) => this.notices.push(text),
    });
    if (raw === true) return;
    this.send('QStartNoAckMode');
    this.send('qSupported:swbreak+;hwbreak+;vContSupported+');
  }

  /** Raw bytes; what came back, raw. */
  raw(text: string): string {
    this.session.receive(bytesOf(text));
    return this.take();
  }

  /** What has come since it was last taken, raw. */
  take(): string {
    const text = this.#received;
    this.#received = '';
    return text;
  }

  /** Sends a packet that is answered at once. */
  send(payload: string): string {
    const answers = payloads(this.raw(frame(payload)));
    const last = answers.at(-1);
    if (last === undefined) throw new Error(`no answer to ${payload}`);
    return last;
  }

  /** Sends packets, each of which must be answered OK. */
  ok(...list: readonly string[]): void {
    for (const payload of list) {
      const answer = this.send(payload);
      if (answer !== 'OK') throw new Error(`${payload} was answered ${answer}: ${this.notices.at(-1)}`);
    }
  }

  /** Resumes, and lets the machine run until it stops; the stop reply. */
  go(payload = 'c', most = 100_000): string {
    const early = this.raw(frame(payload));
    if (early !== '') return payloads(early).join();
    for (let left = most; left > 0 && this.session.running; left -= 100) {
      const progress = this.session.run(100);
      if (progress === 'waiting' || progress === 'starved') break;
    }
    const answers = payloads(this.take());
    if (answers.length > 1) throw new Error(`several answers: ${answers.join()}`);
    return answers[0] ?? 'running';
  }

  /** {@link go}, with what a test compares: signal, reason, thread. Registers are left out. */
  stop(payload = 'c', most?: number): string {
    return this.go(payload, most)
      .replaceAll(/(?<=^T..|;)[0-9a-f]+:[0-9a-f]*;/g, '')
      .replace(/core:\w+;$/, '');
  }

  /** The program counter of the selected thread. */
  pc(): bigint {
    return this.register(this.#counter, 8);
  }

  /** A register's value, little endian. */
  register(number: number, bytes: number): bigint {
    const digits = this.send(`p${number.toString(16)}`);
    if (digits.length !== 2 * bytes) throw new Error(`register ${number}: ${digits}`);
    return littleEndian(digits);
  }

  /** The output of a `monitor` command. */
  monitor(command: string): string {
    const answers = payloads(this.raw(frame(`qRcmd,${hexOf(command)}`)));
    if (answers.at(-1) !== 'OK') throw new Error(`monitor ${command}: ${answers.join()}`);
    return answers
      .slice(0, -1)
      .map((answer) => textOf(answer.slice(1)))
      .join('');
  }
}

/** The number that digits in memory order stand for. */
export function littleEndian(digits: string): bigint {
  const bytes = digits.match(/../g) ?? [];
  return BigInt(`0x${bytes.reverse().join('')}`);
}

export function hexOf(text: string): string {
  return [...bytesOf(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function textOf(digits: string): string {
  return (digits.match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join('');
}
