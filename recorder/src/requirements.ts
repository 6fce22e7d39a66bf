import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';

/** What this process can do and finds, so that a test can say otherwise. */
export interface Surroundings {
  readonly platform: string;
  readonly arch: string;
  readonly uid: number | undefined;
  /** `/proc/self/status`. */
  readonly status: string;
  readonly hasProgram: (name: string) => boolean;
}

/** A requirement that is not met: what is missing, and what to do. */
export interface Lack {
  readonly what: string;
  readonly remedy: string;
  /** Something to install, as opposed to what the machine or the user is. */
  readonly tool: boolean;
}

const TOOLS: readonly (readonly [program: string, from: string])[] = [
  ['gcc', 'gcc'],
  ['ld', 'binutils'],
  ['make', 'make'],
];

/**
 * Bits of `CapEff`. The recorder watches kernel memory, traces, changes its identity and back, and looks up physical
 * addresses.
 */
const CAPABILITIES: readonly (readonly [bit: bigint, name: string])[] = [
  [6n, 'CAP_SETGID'],
  [7n, 'CAP_SETUID'],
  [19n, 'CAP_SYS_PTRACE'],
  [21n, 'CAP_SYS_ADMIN'],
];

/** True if a program is on the search path. */
function onSearchPath(name: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What is true of this process. */
export function surroundings(): Surroundings {
  const linux = process.platform === 'linux';
  return {
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.(),
    status: linux ? readFileSync('/proc/self/status', 'utf8') : '',
    hasProgram: onSearchPath,
  };
}

/** CPUs that this process may use, of `Cpus_allowed_list`. */
function mayUse(status: string, cpu: number): boolean {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').some((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return from <= cpu && cpu <= to;
  });
}

/** What is missing here for a recording; empty if it can be tried. */
export function findLacks({ platform, arch, uid, status, hasProgram }: Surroundings): Lack[] {
  if (platform !== 'linux' || arch !== 'x64') {
    return [{ what: `this is ${platform} on ${arch}`, remedy: 'record on Linux on x86-64', tool: false }];
  }
  const lacks: Lack[] = TOOLS.filter(([program]) => !hasProgram(program)).map(([program, from]) => ({
    what: `${program} is missing`,
    remedy: `apt-get install ${from}`,
    tool: true,
  }));
  if (uid !== 0) {
    lacks.push({ what: `you are user ${uid}`, remedy: 'run it as root: sudo npm run record', tool: false });
  } else {
    const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
    const missing = CAPABILITIES.filter(([bit]) => ((held >> bit) & 1n) === 0n).map(([, name]) => name);
    if (missing.length > 0) {
      lacks.push({
        what: `root has no ${missing.join(', ')} here`,
        remedy: 'leave the container, or start it with --privileged',
        tool: false,
      });
    }
  }
  for (const cpu of [0, 1]) {
    if (!mayUse(status, cpu)) {
      const remedy = 'the recorder needs the CPUs 0 and 1: give this process (or the virtual machine) both';
      lacks.push({ what: `CPU ${cpu} cannot be used`, remedy, tool: false });
    }
  }
  return lacks;
}
