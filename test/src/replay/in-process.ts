import { Readable, Writable } from 'node:stream';
import { runCommand } from '@hwbp/cli/command';

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps what is written to it. */
class Captured extends Writable {
  text = '';

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

/** What the commands before have to end first: they share the streams. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs `hwbp` in this process, one command after the other: a process of its own takes most of a second to load what is
 * loaded here already. What is about the process (signals, pipes, a config's code) takes `hwbpProcess`. `input` is its
 * standard input.
 */
export function hwbp(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<CliResult> {
  const result = before.then(() => captured(args, input));
  before = result.catch(() => {});
  return result;
}

async function captured(args: readonly string[], input: Uint8Array): Promise<CliResult> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const restore = replaceStreams({ stdin: Readable.from([Buffer.from(input)], { objectMode: false }), stdout, stderr });
  try {
    const code = await runCommand(args);
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    restore();
  }
}

function replaceStreams(streams: Readonly<Record<'stdin' | 'stdout' | 'stderr', Readable | Writable>>): () => void {
  const own = Object.getOwnPropertyDescriptors(process);
  for (const [name, value] of Object.entries(streams)) {
    Object.defineProperty(process, name, { value, configurable: true, enumerable: true });
  }
  return () => {
    for (const name of ['stdin', 'stdout', 'stderr'] as const) Object.defineProperty(process, name, own[name]);
  };
}
