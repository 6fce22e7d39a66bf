import { Context, type Cpu, type CpuRun, type MachineInstruction, type Trap, type TrapHandler } from '@hwbp/core';

/** What a {@link RegisterGuest} is told to do. */
export type GuestCommand =
  | { readonly kind: 'write'; readonly register: number; readonly value: bigint }
  | { readonly kind: 'read'; readonly register: number }
  | { readonly kind: 'store'; readonly address: bigint };

/** What came of a command. */
export interface GuestResult {
  readonly command: GuestCommand;
  readonly loaded: bigint | undefined;
  /** B0-B3 that its kernel found in DR6, if there was a #DB. */
  readonly hits: number;
}

const PAUSE = { pc: 0x10_0000n, length: 2 };
const DR6_RESET = 0xffff_0ff0n;

/**
 * A guest without a kernel: it uses the debug registers by instructions, as it is told, and spins meanwhile. Its #DB
 * handler reads DR6 and clears it.
 */
export class RegisterGuest implements TrapHandler {
  readonly results: GuestResult[] = [];
  /** Exceptions that it did not expect. */
  readonly strange: string[] = [];
  readonly #queue: GuestCommand[] = [];
  readonly #handler: MachineInstruction[] = [];
  #hits = 0;
  #command: GuestCommand | undefined;
  #loaded: bigint | undefined;

  constructor(cpu: Cpu) {
    const context = new Context();
    context.mode = 'kernel';
    cpu.traps = this;
    cpu.load(context);
  }

  tell(command: GuestCommand): void {
    this.#queue.push(command);
  }

  /** True if it has done everything. */
  get isDone(): boolean {
    return this.#queue.length === 0 && this.#command === undefined && this.#handler.length === 0;
  }

  trap(_cpu: Cpu, trap: Trap): void {
    if (trap.kind !== 'debug') {
      this.strange.push(trap.kind);
      return;
    }
    this.#handler.push(
      { pc: 0x20_0000n, length: 3, control: { register: 'dr6' } },
      { pc: 0x20_0003n, length: 3, control: { register: 'dr6', value: DR6_RESET } },
    );
  }

  run(cpu: Cpu, budget: number): CpuRun {
    cpu.beginRun();
    let used = 0;
    while (used < budget && cpu.present) {
      if (this.#step(cpu)) used++;
      if (cpu.attention) break;
    }
    cpu.endRun(used);
    return { reason: 'budget', used };
  }

  /** True if an instruction has retired. */
  #step(cpu: Cpu): boolean {
    const handling = this.#handler[0];
    if (handling !== undefined) {
      const loaded = cpu.execute(handling);
      if (loaded === undefined) return false;
      this.#handler.shift();
      if (loaded[0] !== undefined) this.#hits |= Number(loaded[0] & 0xfn);
      return true;
    }
    if (this.#command !== undefined && this.#loaded !== undefined) this.#finish();
    this.#command ??= this.#queue.shift();
    if (this.#command === undefined) return cpu.execute(PAUSE) !== undefined;
    const loaded = cpu.execute(instructionOf(this.#command));
    if (loaded === undefined) return false;
    this.#loaded = loaded[0] ?? -1n;
    // What it raised is handled before it counts as done.
    if (this.#handler.length === 0) this.#finish();
    return true;
  }

  #finish(): void {
    const command = this.#command as GuestCommand;
    this.results.push({ command, loaded: command.kind === 'read' ? this.#loaded : undefined, hits: this.#hits });
    this.#command = undefined;
    this.#loaded = undefined;
    this.#hits = 0;
  }
}

function instructionOf(command: GuestCommand): MachineInstruction {
  const at = { pc: 0x30_0000n, length: 4 };
  if (command.kind === 'store') {
    return { ...at, accesses: [{ kind: 'write', address: command.address, size: 8, value: 1n }] };
  }
  const register = `dr${command.register}`;
  return { ...at, control: command.kind === 'read' ? { register } : { register, value: command.value } };
}
