// Completes package-lock.json for the platforms that this machine's registry could not give.
//
// npm leaves an optional package that it could not fetch (a native binding for another platform) out of the lockfile,
// and `npm ci` then refuses that lockfile. The version is known, since its parent pins it, and so is the platform,
// since the name says it; only the integrity is missing, until an `npm install` with a complete registry adds it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './workspaces.mjs';

const file = path.join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const platforms = {
  os: ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'],
  cpu: ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'],
};

/** The platform in a name such as `@scope/binding-linux-arm-musleabihf`; undefined where there is none. */
function platformOf(name) {
  const words = name.replace(/^@[^/]+\//, '').split('-');
  const os = words.find((word) => platforms.os.includes(word));
  const cpu = words.find((word) => platforms.cpu.includes(word));
  if (!os || !cpu) return undefined;
  const abi = words.find((word) => /^(musl|gnu)/.test(word));
  const libc = os === 'linux' && abi ? [abi.startsWith('musl') ? 'musl' : 'glibc'] : undefined;
  return { os: [os], cpu: [cpu], libc };
}

/** Whether a package at `from` finds `name`, as Node looks for it: in its own node_modules, then upwards. */
function isLocked(from, name) {
  for (let at = from; ; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (lock.packages[`${at}${at && '/'}node_modules/${name}`]) return true;
    if (!/(^|\/)node_modules\//.test(at)) return lock.packages[`node_modules/${name}`] !== undefined;
  }
}

const added = [];
for (const [from, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(from, name)) continue;
    const platform = platformOf(name);
    if (!platform || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      console.error(`${from} wants ${name}@${version}, which is not locked: neither is its platform known`);
      process.exitCode = 1;
      continue;
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: platform.cpu,
      ...(dev ? { dev } : {}),
      ...(platform.libc ? { libc: platform.libc } : {}),
      optional: true,
      os: platform.os,
    };
    added.push(name);
  }
}

if (added.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`package-lock.json: ${added.length} packages for other platforms added`);
