import type { ControlAccess } from './control.js';

/** One memory (or port) access of an instruction. */
export interface Access {
  /** `readwrite`: a read-modify-write, one access that both loads and stores. */
  readonly kind: 'read' | 'write' | 'readwrite';
  /** Address of the first byte, or the port number. */
  readonly address: bigint;
  /** Bytes, 1 or more. */
  readonly size: number;
  /**
   * What a write stores in `size` bytes, in the memory's byte order. Absent: memory keeps its bytes, but the store
   * happens. Of a `readwrite` to memory it may be a function of what was there before the instruction, unsigned: an
   * atomic addition is `(old) => old + 1n`. What that throws ends its program, and the instruction has not happened.
   */
  readonly value?: bigint | ((old: bigint) => bigint);
  /** The general register, by the architecture's name, that what it loads goes to. */
  readonly into?: string;
  /** True: `into` gets it with the sign of its `size` bytes. Default: unsigned. */
  readonly signed?: boolean;
  /**
   * True: made with the rights of user mode, whatever the mode of the CPU, as the debug unit sees it (arm64 LDTR and
   * STTR, with which a kernel copies from and to its tasks). Default false.
   */
  readonly unprivileged?: boolean;
  /**
   * A load-exclusive, or a store-exclusive (arm64 LDXR and STXR, riscv lr and sc): that stores only if the CPU has
   * loaded exclusively from there, and nothing has come between, neither an exception nor another's store. It loads 0
   * if it has stored, and else 1, and then it has made no access. Of reads and writes of memory. Default false.
   */
  readonly exclusive?: boolean;
  /** `port`: an I/O port access (x86 IN, OUT). Default `memory`. */
  readonly space?: 'memory' | 'port';
}

/** What an exception handler can find out by decoding an instruction. */
export interface DecodedInstruction {
  /** Its accesses, in the order in which the CPU makes them. */
  readonly accesses?: readonly Access[];
  /** The load of a load-reserve, or the store of a store-conditional: cannot be emulated or stepped. */
  readonly reserve?: boolean;
  /** A control register that it reads or writes (x86 MOV DRn, ppc64 mtspr and mfspr), before its other accesses. */
  readonly control?: ControlAccess;
}

/**
 * What a CPU does beside accesses: `halt` waits for an interrupt (x86 HLT), `identify` asks what CPU it is (x86 CPUID),
 * `shutdown` cannot go on (x86: a triple fault). On a CPU of its own each is over at once; a hypervisor wants to know.
 */
export type Operation = 'halt' | 'identify' | 'shutdown';

/** What an instruction asks of the hypervisor: opaque to the hardware. */
export interface HypercallRequest {
  /** Which call, as the architecture numbers them. */
  readonly number: number;
  /** 64 bits each. */
  readonly args: readonly bigint[];
}

/** A plain description of one instruction. Executing the same description again is how it restarts. */
export interface MachineInstruction extends DecodedInstruction {
  /** Address of its first byte. */
  readonly pc: bigint;
  /** Bytes. */
  readonly length: number;
  /**
   * Where execution goes on, if not at `pc + length`: a branch, or `pc` itself where `repeat` is set. `loaded`: at the
   * address that its last access has loaded, as a return does.
   */
  readonly next?: bigint | 'loaded';
  /** General registers that it writes, by the architecture's names. */
  readonly registers?: Readonly<Record<string, bigint>>;
  /** The instruction after this one cannot be interrupted, and debug traps wait for it (x86 MOV SS, POP SS). */
  readonly shadow?: boolean;
  /** An iteration of a repeated instruction (x86 REP) that is not its last: execution goes on at `pc`. */
  readonly repeat?: boolean;
  /**
   * Turns interrupts off, or on again (x86 CLI and STI, ppc64 mtmsrd): in kernel mode, once it retires. It loads how
   * they were, 1 for on, behind everything else, so that whoever turned them off can put them back.
   */
  readonly irqs?: 'off' | 'on';
  readonly operation?: Operation;
  /** A call of the hypervisor (ppc64 `sc 1`), before its accesses: what it returns is loaded. */
  readonly hypercall?: HypercallRequest;
  /**
   * A software exception that it raises once it has completed: `breakpoint` (x86 INT3), `debug` (x86 INT1, also called
   * ICEBP).
   */
  readonly trap?: 'breakpoint' | 'debug';
  /**
   * A system call, once the instruction has completed: opaque to the hardware, which hands it to whoever owns the CPU.
   */
  readonly syscall?: unknown;
}

/**
 * What a program learns when its instruction retires: the values that it loaded, in order: from its control register,
 * from the hypervisor, then from memory and ports.
 */
export type Loaded = readonly bigint[];
