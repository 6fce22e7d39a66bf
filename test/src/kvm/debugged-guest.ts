import {
  type Instruction,
  type Kernel,
  type Loaded,
  type ProgramFactory,
  program,
  TARGET_DESCRIPTION,
} from '@hwbp/core';
import { DebuggedHardware, type KgdbSession } from '@hwbp/kgdb';
import { bytesOf, frame, payloads } from '../kgdb/client.js';
import { type Pair, pair, writes } from './support.js';

/** A variable at the same address in host and guest, and another one that only the guest stores to. */
export const VAR = 0xffff_ffff_82a0_5000n;
export const OTHER = 0xffff_ffff_82a0_5040n;
/** Where the worker of a virtual CPU executes: the read of DR7, the load, the store to {@link VAR}, that to OTHER. */
export const textOf = (vcpu: number): bigint => 0xffff_ffff_8100_0000n + 0x100n * BigInt(vcpu);
/** What the host's task executes. */
const HOST_TEXT = 0xffff_ffff_8200_0000n;

/** What happened in a guest: instructions with their times, and what its kernel was told. */
export interface Log {
  readonly lines: string[];
  readonly control: bigint[];
  readonly hits: bigint[];
}

/** What a worker does: so many rounds; in each it looks at its DR7, or not. */
interface Rounds {
  readonly rounds: number;
  readonly looks: boolean;
}

function worker(guest: () => Kernel, vcpu: number, { rounds, looks }: Rounds, log: Log): ProgramFactory {
  const base = textOf(vcpu);
  const note = (what: string): void => {
    log.lines.push(`${vcpu} ${what} at ${guest().machine.cpu(vcpu).clock.now}`);
  };
  return program(function* (): Generator<Instruction, void, Loaded> {
    for (let round = 0; round < rounds; round++) {
      if (looks) log.control.push((yield { pc: base, length: 4, control: { register: 'dr7' } })[0] ?? 0n);
      const [value = 0n] = yield { pc: base + 4n, length: 4, accesses: [{ kind: 'read', address: VAR, size: 8 }] };
      note(`read ${value}`);
      yield {
        pc: base + 8n,
        length: 4,
        accesses: [{ kind: 'write', address: VAR, size: 8, value: value + 1n }],
        registers: { rax: value + 1n },
      };
      const other = { kind: 'write' as const, address: OTHER, size: 8, value: BigInt(round) };
      yield { pc: base + 12n, length: 4, accesses: [other], next: looks ? base : base + 4n };
    }
  });
}

/** A host that watches and stores to a variable of its own, and a guest in it that does the same at its address. */
export interface Scene extends Pair {
  readonly log: Log;
  readonly hostHits: bigint[];
  readonly debuggable: DebuggedHardware;
}

/** `own`: the guest's kernel watches {@link OTHER} too. */
export function scene({ vcpus = 1, rounds = 20, looks = true, own = false } = {}): Scene {
  const two = pair({ host: { cpus: 2 }, vm: { name: 'guest', cpus: vcpus, affinity: [0] } });
  const { host, guest } = two;
  const log: Log = { lines: [], control: [], hits: [] };
  const hostHits: bigint[] = [];
  host.breakpoints.registerCpu(writes(VAR), ({ ip }) => void hostHits.push(ip), 0);
  host.breakpoints.registerCpu(writes(VAR), ({ ip }) => void hostHits.push(ip), 1);
  const store = { pc: HOST_TEXT, length: 4, accesses: [{ kind: 'write' as const, address: VAR, size: 8, value: 7n }] };
  host.machine.spawn(program([store, store, store]), { comm: 'host', mode: 'kernel', affinity: [1] });
  for (let vcpu = 0; vcpu < vcpus; vcpu++) {
    if (own) guest.breakpoints.registerCpu(writes(OTHER), ({ ip }) => void log.hits.push(ip), vcpu);
    guest.machine.spawn(
      worker(() => guest, vcpu, { rounds, looks }, log),
      {
        comm: `worker${vcpu}`,
        affinity: [vcpu],
        mode: 'kernel',
      },
    );
  }
  const description = host.facet(TARGET_DESCRIPTION);
  if (description === undefined) throw new TypeError('x86 describes its registers');
  return { ...two, log, hostHits, debuggable: new DebuggedHardware(two.vm.debugger, description) };
}

/** A debugger in this process that is attached to a guest: packets as text. */
export class GuestClient {
  readonly session: KgdbSession;
  readonly notices: string[] = [];
  #received = '';

  constructor({ debuggable }: Pick<Scene, 'debuggable'>) {
    this.session = debuggable.attach({
      send: (bytes) => {
        this.#received += String.fromCharCode(...bytes);
      },
      notice: (text) => this.notices.push(text),
    });
    this.ask('QStartNoAckMode');
    this.ask('qSupported:swbreak+;hwbreak+;vContSupported+');
  }

  /** The answer; of a resumption the stop reply without registers, or `running` if none comes. */
  ask(payload: string): string {
    this.#received = '';
    this.session.receive(bytesOf(frame(payload)));
    for (let slices = 0; slices < 500 && this.session.running; slices++) {
      if (this.session.run(50) === 'waiting') break;
    }
    if (this.session.running) return 'running';
    return (payloads(this.#received).at(-1) ?? 'silence').replaceAll(/(?<=^T..|;)[0-9a-f]+:[0-9a-f]+;/g, '');
  }

  /** Ctrl-C. */
  interrupt(): string {
    this.#received = '';
    this.session.receive(Uint8Array.of(3));
    this.session.run(50);
    return (payloads(this.#received).at(-1) ?? 'silence').replaceAll(/(?<=^T..|;)[0-9a-f]+:[0-9a-f]+;/g, '');
  }
}
