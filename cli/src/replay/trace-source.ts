import { createReadStream, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { runError, usageError } from '../errors.js';
import { BLOCK_BYTES, type TraceOrigin } from './trace-origin.js';

/** Bytes from a file or a pipe, as they are. */
export interface TraceSource extends TraceOrigin {
  /**
   * What is not {@link gzip} may come in buffers that are filled again: a chunk is good until the next one is asked
   * for.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Opens a file, or standard input for `-`; gzip is told by its first bytes. Throws a usage error if there is no such
 * file.
 */
export async function openSource(path: string): Promise<TraceSource> {
  if (path === '-') return openStream('standard input', process.stdin);
  try {
    const stats: Stats = await stat(path);
    if (stats.isDirectory())
      throw usageError(`the trace ${path} is a directory`, 'name the file that Lackey wrote in it');
    return stats.isFile() ? await openFile(path, stats.size) : await openStream(path, createReadStream(path));
  } catch (error) {
    throw fileError('trace', path, error);
  }
}

/** Why a file cannot be read; an error that is no system error as it is. */
export function fileError(what: string, path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return usageError(`there is no ${what} ${path}`, `the current directory is ${process.cwd()}`);
  if (code === 'EACCES') return usageError(`the ${what} ${path} may not be read`, 'look at its permissions');
  if (code === 'EISDIR') return usageError(`the ${what} ${path} is a directory`, 'name a file in it');
  return typeof code === 'string' ? runError(`the ${what} ${path} cannot be read: ${message}`) : error;
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The file is open while somebody reads its chunks, and no longer. */
async function openFile(name: string, size: number): Promise<TraceSource> {
  const head = new Uint8Array(2);
  const handle = await open(name);
  try {
    await handle.read(head, 0, head.length, 0);
  } finally {
    await handle.close();
  }
  const gzip = isGzip(head);
  // What is unpacked lies in queues: it needs chunks of its own.
  const chunks = gzip ? inChunksOfTheirOwn(name) : readAhead(name);
  return { name, size, gzip, chunks };
}

async function* inChunksOfTheirOwn(name: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(name, { highWaterMark: BLOCK_BYTES });
}

/** Reads the next chunk while the caller works on this one, into two buffers by turns. */
async function* readAhead(name: string): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafeSlow(BLOCK_BYTES), Buffer.allocUnsafeSlow(BLOCK_BYTES)] as const;
  const handle = await open(name);
  let position = 0;
  const read = (turn: number) => handle.read(buffers[turn & 1] as Buffer, 0, BLOCK_BYTES, position);
  try {
    let pending = read(0);
    for (let turn = 1; ; turn++) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) return;
      position += bytesRead;
      pending = read(turn);
      // If the caller stops here, nobody will ask how that went.
      pending.catch(() => {});
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function openStream(name: string, stream: NodeJS.ReadableStream): Promise<TraceSource> {
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  // A pipe may hand over a single byte at first.
  while (head.length < 2) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  return { name, size: undefined, gzip: isGzip(head), chunks: withHead(head, chunks) };
}

async function* withHead(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}
