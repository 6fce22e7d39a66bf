import { X86_MODELS, X86DebugUnit } from '@hwbp/arch-x86';
import { Hardware } from '@hwbp/core';
import test from 'ava';
import type { GuestMode } from '../../../conform/dist/x86-kvm/guest/guest-cpu.js';
import { K2Guest } from '../../../conform/dist/x86-kvm/suite-k2/k2-guest.js';
import { type Json, K2, readScripts, type Script, type Step } from './support.js';

/*
 * The guests that scripts run inside KVM, on CPUs of their own: where nobody debugs them and nothing but ports leaves
 * the guest, they cannot tell the difference.
 */

/** More than any of these programs executes. */
const MOST = 3000;

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const codeOf = (value: Json | undefined): [bigint, string][] =>
  (value as [string, string][]).map(([address, text]) => [BigInt(address), text]);

/** Runs the programs of a script on plain hardware, up to each port that the recorded ones stopped at. */
class Bare {
  readonly #hardware: Hardware;
  readonly #guest: K2Guest;
  #port: number | undefined;

  constructor({ mode, vcpus, db_handler }: Step) {
    this.#hardware = new Hardware({
      pageSize: 0x1000,
      cpus: Number(vcpus),
      createUnit: () => {
        return new X86DebugUnit({
          debuggingExtensions: false,
          spuriousStatus: false,
          model: X86_MODELS['amd-2007'],
        });
      },
    });
    this.#hardware.bus.attach(0, 0x100, {
      read: () => 0x5an,
      write: (port) => {
        this.#port = port;
      },
    });
    const fail = (): never => {
      throw new Error('the guest cannot go on');
    };
    this.#guest = new K2Guest(
      this.#hardware,
      { mode: mode as GuestMode, onDebug: codeOf(db_handler), payloads: false },
      { touched() {}, shutdown: fail, lost: fail, completes: () => false },
    );
  }

  load({ code }: Step): void {
    this.#guest.load(0, codeOf(code));
    this.#guest.restart(0);
  }

  setDebugRegs(step: Step): void {
    const unit = this.#hardware.cpu(0).unit as X86DebugUnit;
    for (let i = 0; i < 4; i++) {
      const address = BigInt(String(step[`db${i}`]));
      unit.setAddress(i, Number(BigInt.asIntN(32, address >> 32n)), Number(BigInt.asIntN(32, address)));
    }
    unit.setStatus(Number(step.dr6));
    unit.setControl(Number(step.dr7));
  }

  /** What a KVM_RUN would tell. */
  run(recorded: Step): { [field: string]: Json } {
    const guest = this.#guest;
    const [vcpu] = guest.vcpus;
    this.#port = undefined;
    for (let i = 0; i < MOST && this.#port === undefined; i++) vcpu?.run(this.#hardware.cpu(0), 1);
    const record = guest.takeRecord(0);
    const saved = guest.takeSaved(0);
    return {
      port: hex(BigInt(this.#port ?? -1)),
      ...(record === undefined || recorded.db === undefined
        ? {}
        : { db: { n: record.n, rip: hex(record.rip), dr6: hex(record.dr6 ?? 0n), dr7: hex(record.dr7 ?? 0n) } }),
      ...(saved === undefined ? {} : { got: saved.map(hex) }),
    };
  }
}

/** Scripts in which nobody but the guest does anything, and nothing but OUT leaves it. */
function isPlain({ setup, steps }: Script): boolean {
  return (
    String(setup.title).startsWith('A ') &&
    steps.every(({ op }) => ['host', 'vm', 'guest', 'set_debugregs', 'kvm_run'].includes(op)) &&
    steps.every(({ op, exit, dir, ret, vcpus }) =>
      op === 'kvm_run'
        ? exit === 'io' && dir === 'out'
        : op === 'set_debugregs'
          ? ret === 0
          : op !== 'vm' || vcpus === 1,
    )
  );
}

test('a guest cannot tell KVM from a CPU of its own: what its handlers and programs saw is what they see here', (t) => {
  const plain = readScripts(K2).filter(isPlain);
  t.true(plain.length > 40, `${plain.length} scripts`);
  for (const { id, steps } of plain) {
    const bare = new Bare(steps.find(({ op }) => op === 'vm') as Step);
    for (const step of steps) {
      if (step.op === 'guest') bare.load(step);
      else if (step.op === 'set_debugregs') bare.setDebugRegs(step);
      else if (step.op === 'kvm_run') {
        const { port, db, got } = step;
        const { flags: _, ...seen } = (db ?? {}) as { [field: string]: Json };
        t.like(
          bare.run(step),
          { port, ...(db === undefined ? {} : { db: seen }), ...(got === undefined ? {} : { got }) },
          id,
        );
      }
    }
  }
});
