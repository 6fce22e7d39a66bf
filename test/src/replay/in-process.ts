import { Readable } from 'node:stream';
import { runCommand } from '@hwbp/cli/command';

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the commands before have to end first: they share the streams. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs `hwbp` in this process, one command after the other: a process of its own takes most of a second to load what is
 * loaded here already. What is about the process (signals, pipes, a config that ends it or never gets done) takes
 * `hwbpProcess`. `input` is its standard input.
 */
export function hwbp(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<CliResult> {
  const result = before.then(() => captured(args, input));
  before = result.catch(() => {});
  return result;
}

async function captured(args: readonly string[], input: Uint8Array): Promise<CliResult> {
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  const given = Readable.from([Buffer.from(input)], { objectMode: false });
  Object.defineProperty(process, 'stdin', { ...stdin, get: () => given });
  try {
    const code = await runCommand(args);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    Object.defineProperty(process, 'stdin', stdin);
    stdout.end();
    stderr.end();
  }
}

/** Keeps what is written to a stream; the stream itself stays, because Node's threads need it. */
function capture(stream: NodeJS.WriteStream): { text(): string; end(): void } {
  const pieces: string[] = [];
  const { write } = stream;
  stream.write = (piece: string | Uint8Array): boolean => {
    pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString());
    return true;
  };
  return {
    text: () => pieces.join(''),
    end: () => {
      stream.write = write;
    },
  };
}
