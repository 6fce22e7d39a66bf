import type { Kernel } from '@hwbp/core';
import type { SessionOptions } from '@hwbp/kgdb';
import { Client, littleEndian } from '../client.js';
import { type Debugger, Refused, type Seen, type WatchKind } from './debugger.js';

interface Point {
  readonly packet: string;
  readonly kind: string;
  readonly address: bigint;
  value: bigint;
  readonly condition: { readonly address: bigint; readonly above: bigint } | undefined;
}

const at = (address: bigint): string => address.toString(16);
const TYPES = { watch: 'Z2', rwatch: 'Z3', awatch: 'Z4' } as const;

/**
 * Does to the stub what gdb does, in this process: takes breakpoints out when the target has stopped and puts them in
 * before it goes on, steps over the one that it stands on, compares the values of watches, and, where watches are
 * reported before the access, steps over it.
 */
export class StandIn implements Debugger {
  readonly #kernel: Kernel;
  readonly #options: Partial<SessionOptions>;
  readonly #before: boolean;
  #client: Client;
  #points: Point[] = [];

  constructor(kernel: Kernel, options: Partial<SessionOptions>) {
    this.#kernel = kernel;
    this.#options = options;
    this.#before = kernel.breakpoints.manifest.timing.data === 'before';
    this.#client = new Client(kernel, options);
  }

  async hbreak(address: bigint, condition?: Point['condition']): Promise<void> {
    this.#points.push({ packet: `1,${at(address)},1`, kind: 'hbreak', address, value: 0n, condition });
  }

  async break(address: bigint): Promise<void> {
    this.#points.push({ packet: `0,${at(address)},1`, kind: 'break', address, value: 0n, condition: undefined });
  }

  async watch(kind: WatchKind, address: bigint): Promise<void> {
    // Where there is no watch for reads, gdb takes one for accesses.
    const type = this.#client.send(`${TYPES[kind]},${at(address)},4`) === '' ? 'Z4' : TYPES[kind];
    this.#client.send(`z${type.slice(1)},${at(address)},4`);
    const value = await this.read(address);
    this.#points.push({ packet: `${type.slice(1)},${at(address)},4`, kind, address, value, condition: undefined });
  }

  async clear(): Promise<void> {
    this.#points = [];
  }

  async continue(): Promise<Seen> {
    for (;;) {
      if (this.#points.some(({ kind, address }) => /break/.test(kind) && address === this.#client.pc())) {
        const stepped = this.#stop(`vCont;s:${at(BigInt(this.#thread))}`);
        if (stepped.why !== 'step') return stepped;
      }
      const seen = await this.#judge(this.#inserted('vCont;c'));
      if (seen !== undefined) return seen;
    }
  }

  async step(): Promise<Seen> {
    const here = this.#client.pc();
    const inserted = this.#points.some(({ address }) => address === here);
    const packet = `vCont;s:${at(BigInt(this.#thread))};c`;
    return inserted ? this.#stop(packet) : ((await this.#judge(this.#inserted(packet))) ?? this.step());
  }

  async interrupted(): Promise<Seen> {
    this.#client.raw('$vCont;c#a8');
    this.#client.session.run(1000);
    this.#client.raw('\x03');
    this.#client.session.run(1);
    return this.#parse(this.#client.take().slice(1, -3));
  }

  async read(address: bigint): Promise<bigint> {
    return littleEndian(this.#client.send(`m${at(address)},4`));
  }

  async write(address: bigint, value: bigint): Promise<void> {
    const bytes = [0n, 8n, 16n, 24n].map((shift) => Number((value >> shift) & 0xffn));
    this.#client.ok(`X${at(address)},4:${String.fromCharCode(...bytes)}`);
  }

  async threads(): Promise<readonly string[]> {
    const xml = this.#client.send('qXfer:threads:read::0,4000');
    return [...xml.matchAll(/name="([^"]*)"/g)].map(([, name = '']) => name);
  }

  async monitor(command: string): Promise<string> {
    return this.#client.monitor(command);
  }

  async reattach(): Promise<void> {
    this.#client.ok('D');
    this.#kernel.machine.run(1000);
    this.#client = new Client(this.#kernel, this.#options);
    this.#client.send('?');
  }

  async close(): Promise<void> {
    this.#client.session.close();
  }

  get #thread(): number {
    return Number.parseInt(this.#client.send('qC').slice(2), 16);
  }

  /** Goes on with everything inserted. */
  #inserted(packet: string): Seen {
    const done: string[] = [];
    for (const point of this.#points) {
      const answer = this.#client.send(`Z${point.packet}`);
      if (answer !== 'OK') {
        for (const inserted of done) this.#client.ok(`z${inserted}`);
        throw new Refused(answer);
      }
      done.push(point.packet);
    }
    const seen = this.#stop(packet);
    if (!seen.why.startsWith('exited')) for (const inserted of done) this.#client.ok(`z${inserted}`);
    return seen;
  }

  #stop(packet: string): Seen {
    return this.#parse(this.#client.go(packet));
  }

  #parse(reply: string): Seen {
    const [head = '', code = ''] = [reply[0], reply.slice(1, 3)];
    if (head === 'W') return { why: `exited ${Number.parseInt(code, 16)}`, thread: 0, pc: 0n };
    if (head !== 'T') throw new Error(`no stop reply: ${reply}`);
    const fields = Object.fromEntries(
      reply
        .slice(3)
        .split(';')
        .map((field) => field.split(':')),
    ) as Record<string, string>;
    const watch = (['watch', 'rwatch', 'awatch'] as const).find((kind) => kind in fields);
    const why = watch ?? ('hwbreak' in fields ? 'hbreak' : 'swbreak' in fields ? 'break' : undefined);
    const thread = Number.parseInt(fields.thread ?? '', 16);
    const values = watch === undefined ? {} : { values: [BigInt(`0x${fields[watch]}`)] };
    return { why: why ?? (code === '02' ? 'SIGINT' : 'step'), thread, pc: this.#client.pc(), ...values };
  }

  /** What a stop is to the user; `undefined`: nothing, it goes on. */
  async #judge(seen: Seen): Promise<Seen | undefined> {
    const { why } = seen;
    if (!why.endsWith('watch')) {
      const point = this.#points.find(({ kind, address }) => kind === why && address === seen.pc);
      const { condition } = point ?? {};
      return condition === undefined || (await this.read(condition.address)) > condition.above ? seen : undefined;
    }
    const { pc } = this.#before ? this.#stop(`vCont;s:${at(BigInt(this.#thread))}`) : seen;
    const point = this.#points.find(({ kind, address }) => kind.endsWith('watch') && address === seen.values?.[0]);
    if (point === undefined) return undefined;
    const [old, now] = [point.value, await this.read(point.address)];
    point.value = now;
    if (point.kind === 'watch' && old === now) return undefined;
    // Where a watch for accesses has to do for one of reads, a change says that this was a write.
    if (point.kind === 'rwatch' && point.packet.startsWith('4') && old !== now) return undefined;
    const values = point.kind === 'watch' || (point.kind === 'awatch' && old !== now) ? [old, now] : [now];
    return { why: point.kind, thread: seen.thread, pc, values };
  }
}
