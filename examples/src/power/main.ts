import { hibernate } from './hibernate.js';
import { hotplug } from './hotplug.js';
import { successors } from './successors.js';
import { suspend } from './suspend.js';

const SCENES: Readonly<Record<string, () => readonly string[]>> = {
  hotplug,
  suspend,
  hibernate,
  kexec: () => successors('kexec'),
  crash: () => successors('crash'),
};

/** The scenes that are named, or all of them. */
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SCENES);
for (const name of wanted) console.log([`--- ${name}`, ...(SCENES[name]?.() ?? [])].join('\n'));
