import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { type Debugger, Refused, type Seen, type WatchKind } from './debugger.js';

const at = (address: bigint): string => `0x${address.toString(16)}`;
const field = (record: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(record)?.[1];

/** Milliseconds that gdb may take for anything. */
const PATIENCE = 30_000;

/** gdb itself, by its machine interface. */
export class Gdb implements Debugger {
  readonly #port: number;
  readonly #child: ChildProcess;
  readonly #records: string[] = [];
  readonly #log: string[] = [];
  #notify: (() => void) | undefined;
  #token = 0;

  private constructor(executable: string, port: number) {
    this.#port = port;
    this.#child = spawn(executable, ['-nx', '-q', '--interpreter=mi3'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('no output');
    createInterface(stdout).on('line', (line) => {
      this.#log.push(line);
      this.#records.push(line);
      this.#notify?.();
    });
  }

  static async attach(executable: string, port: number, told: readonly string[]): Promise<Gdb> {
    const gdb = new Gdb(executable, port);
    for (const command of ['set confirm off', 'set pagination off', 'set width 0', ...told]) await gdb.#cli(command);
    await gdb.#connect();
    return gdb;
  }

  async hbreak(address: bigint, condition?: { readonly address: bigint; readonly above: bigint }): Promise<void> {
    const filter = condition === undefined ? '' : `-c "*(int*)${at(condition.address)} > ${condition.above}" `;
    await this.#command(`-break-insert -h ${filter}*${at(address)}`);
  }

  async break(address: bigint): Promise<void> {
    await this.#command(`-break-insert *${at(address)}`);
  }

  async watch(kind: WatchKind, address: bigint): Promise<void> {
    const flag = { watch: '', rwatch: '-r ', awatch: '-a ' }[kind];
    await this.#command(`-break-watch ${flag}*(int*)${at(address)}`);
  }

  async clear(): Promise<void> {
    await this.#command('-break-delete');
  }

  async continue(): Promise<Seen> {
    return this.#run('-exec-continue');
  }

  async step(): Promise<Seen> {
    return this.#run('-exec-step-instruction');
  }

  async interrupted(): Promise<Seen> {
    const stopped = this.#run('-exec-continue');
    await setTimeout(300);
    this.#child.kill('SIGINT');
    return stopped;
  }

  async read(address: bigint): Promise<bigint> {
    const answer = await this.#command(`-data-evaluate-expression "*(unsigned int*)${at(address)}"`);
    return BigInt(field(answer, 'value') ?? '');
  }

  async write(address: bigint, value: bigint): Promise<void> {
    await this.#cli(`set var *(unsigned int*)${at(address)} = ${value}`);
  }

  async threads(): Promise<readonly string[]> {
    const answer = await this.#command('-thread-info');
    return [...answer.matchAll(/name="([^"]*)"/g)].map(([, name = '']) => name);
  }

  async monitor(command: string): Promise<string> {
    return this.#cli(`monitor ${command}`);
  }

  async reattach(): Promise<void> {
    await this.#command('-target-detach');
    await this.#connect();
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end('-gdb-exit\n');
    await Promise.race([gone, setTimeout(5000, undefined, { ref: false })]);
    this.#child.kill('SIGKILL');
  }

  /** A command as a user types it; what gdb prints. */
  async #cli(command: string): Promise<string> {
    const from = this.#log.length;
    await this.#command(`-interpreter-exec console "${command.replaceAll('"', '\\"')}"`);
    return this.#log
      .slice(from)
      .filter((line) => line.startsWith('@') || line.startsWith('~'))
      .map((line) => JSON.parse(line.slice(1)) as string)
      .join('');
  }

  async #connect(): Promise<void> {
    await this.#command(`-target-select remote 127.0.0.1:${this.#port}`);
  }

  async #run(command: string): Promise<Seen> {
    await this.#command(command);
    // What cannot be inserted is refused after gdb has said that it runs.
    const record = await this.#record((line) => /^(?:\*stopped|\d+\^error)/.test(line));
    if (!record.startsWith('*')) throw new Refused(field(record, 'msg') ?? record);
    return seenOf(record);
  }

  async #command(command: string): Promise<string> {
    const token = String(++this.#token);
    this.#child.stdin?.write(`${token}${command}\n`);
    const answer = await this.#record((line) => line.startsWith(`${token}^`));
    if (answer.startsWith(`${token}^error`)) throw new Refused(field(answer, 'msg') ?? answer);
    return answer;
  }

  async #record(wanted: (line: string) => boolean): Promise<string> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const found = this.#records.findIndex(wanted);
      if (found >= 0) return this.#records.splice(0, found + 1).at(-1) as string;
      const left = deadline - performance.now();
      if (left <= 0 || this.#child.exitCode !== null)
        throw new Error(`gdb is silent:\n${this.#log.slice(-30).join('\n')}`);
      const changed = new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
      await Promise.race([changed, setTimeout(Math.min(left, 1000), undefined, { ref: false })]);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  'watchpoint-trigger': 'watch',
  'read-watchpoint-trigger': 'rwatch',
  'access-watchpoint-trigger': 'awatch',
  'end-stepping-range': 'step',
};

function seenOf(record: string): Seen {
  const reason = field(record, 'reason') ?? '';
  if (reason.startsWith('exited')) {
    return { why: `exited ${Number.parseInt(field(record, 'exit-code') ?? '0', 8)}`, thread: 0, pc: 0n };
  }
  // A target's thread number; gdb's own count from 1 in the order of their appearance.
  const thread = Number(field(record, 'thread-id'));
  const pc = BigInt(field(record, 'addr') ?? '');
  if (reason === 'breakpoint-hit') return { why: 'breakpoint', thread, pc };
  if (reason === 'signal-received') return { why: field(record, 'signal-name') ?? '', thread, pc };
  const why = REASONS[reason] ?? reason;
  const values = ['old', 'new', 'value'].flatMap((name) => {
    const value = new RegExp(`value=\\{.*?\\b${name}="(\\d+)"`).exec(record)?.[1];
    return value === undefined ? [] : [BigInt(value)];
  });
  return values.length > 0 ? { why, thread, pc, values } : { why, thread, pc };
}
