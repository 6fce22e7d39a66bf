import path from 'node:path';

/** An object that Valgrind says it has loaded (`valgrind -v -v`). */
export interface LoadedObject {
  readonly path: string;
  /** Run-time addresses minus the linker's. */
  readonly bias: bigint;
  /** Where the linker has put its text. */
  readonly text: bigint;
}

const MESSAGE = /^(==|--)(\d+)\1 ?(.*?)\r?$/;
const READING = /^Reading syms from (.+)$/;
const MAPPED = /^\s+svma 0x([0-9a-f]{1,16}), avma 0x([0-9a-f]{1,16})$/;

/** What Valgrind itself says in a trace: its lines with `==PID==`, and with -v those with `--PID--`. */
export class ValgrindLog {
  /** Processes that wrote into it. */
  readonly processes = new Set<string>();
  /** Programs that began: one, unless it executed another one. */
  begun = 0;
  /** It says what was executed at the end. */
  ended = false;
  /** The command line of the first. */
  command: string | undefined;
  readonly objects: LoadedObject[] = [];
  #reading: string | undefined;

  /** Reads whole lines. */
  read(text: Buffer): void {
    for (const mark of ['==', '--'] as const) {
      for (let at = text.indexOf(mark); at >= 0; ) {
        const end = text.indexOf(LINE_FEED, at);
        if (at === 0 || text[at - 1] === LINE_FEED) this.#line(text.toString('utf8', at, end));
        at = end < 0 ? -1 : text.indexOf(mark, end);
      }
    }
  }

  #line(line: string): void {
    const [, mark, process = '', message = ''] = MESSAGE.exec(line) ?? [];
    if (mark === undefined) return;
    this.processes.add(process);
    if (mark === '--') {
      this.#object(message);
      return;
    }
    if (message.startsWith('Lackey, an example Valgrind tool')) this.begun++;
    if (message.startsWith('Command: ')) this.command ??= message.slice('Command: '.length);
    if (/^Exit code:|^\s*guest instrs:/.test(message)) this.ended = true;
  }

  #object(message: string): void {
    const [, file] = READING.exec(message) ?? [];
    if (file !== undefined) this.#reading = file;
    const [, linked, actual] = MAPPED.exec(message) ?? [];
    if (linked === undefined || actual === undefined || this.#reading === undefined) return;
    const text = BigInt(`0x${linked}`);
    this.objects.push({ path: this.#reading, bias: BigInt(`0x${actual}`) - text, text });
    this.#reading = undefined;
  }

  /** The object of a file's name, if it was said where that was loaded. */
  objectNamed(file: string): LoadedObject | undefined {
    return this.objects.find((object) => path.basename(object.path) === path.basename(file));
  }
}

const LINE_FEED = 0x0a;
