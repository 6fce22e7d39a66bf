import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** What the instructions of a made-up trace are. */
export interface BigTraceOptions {
  /** Instruction lines that are executed again and again, by turns. */
  readonly instructions: readonly string[];
  /** Address of the variable that is written now and then. */
  readonly watched: number;
}

/** Lines that are written at a time. */
const AT_ONCE = 20_000;
/** Of so many instructions one writes the variable. */
const SELDOM = 50_000;

/**
 * Writes a trace of at least so many compressed bytes, whose accesses are all over the place, so that it is hard to
 * compress. Returns how many instructions it has, and how often it writes the variable.
 */
export async function writeBigTrace(
  file: string,
  compressed: number,
  { instructions, watched }: BigTraceOptions,
): Promise<{ readonly steps: number; readonly writes: number }> {
  let written = 0;
  let [steps, writes] = [0, 0];
  // A linear congruential generator modulo 2^32: the same trace each time.
  let state = 18;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  async function* text(): AsyncGenerator<string> {
    while (written < compressed) {
      const lines: string[] = [];
      for (let i = 0; i < AT_ONCE; i++) {
        lines.push(instructions[random(instructions.length)] as string);
        steps++;
        if (random(SELDOM) === 0) {
          lines.push(` S ${watched.toString(16).padStart(8, '0')},4`);
          writes++;
          continue;
        }
        const kind = random(4);
        if (kind < 3)
          lines.push(
            ` ${'LSM'[kind]} ${(0x4a00000 + random(1 << 24)).toString(16).padStart(8, '0')},${1 << random(4)}`,
          );
      }
      yield `${lines.join('\n')}\n`;
    }
  }
  const out = createWriteStream(file);
  const counted = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      written += chunk.length;
      if (out.write(chunk)) done();
      else once(out, 'drain').then(() => done(), done);
    },
    final: (done) => out.end(done),
  });
  await pipeline(text, createGzip({ level: 1 }), counted);
  return { steps, writes };
}
