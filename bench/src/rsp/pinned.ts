import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Missing, Row } from '../row.js';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
/**
 * Client and stubs on one CPU: where they are on two, a wake-up of the other one, which may be asleep, is most of a
 * round trip.
 */
const ONE_CPU = ['taskset', '-c', '0'];

/** The round trips, measured in a process of its own on one CPU, where taskset is there to say so. */
export async function pinnedRoundTrips(): Promise<readonly (Row | Missing)[]> {
  const pinned = spawnSync(ONE_CPU[0] as string, ['--version']).error === undefined;
  const [command = process.execPath, ...args] = [...(pinned ? ONE_CPU : []), process.execPath, MAIN, '--json'];
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as (Row | Missing)[];
}
