import { x86 } from '@hwbp/arch-x86';
import { type CountingMethod, composeKernel, HW_BREAKPOINT_W, PRIORITIES, priorities, program } from '@hwbp/core';
import { Kwatch, type Watch, type WatchRequest } from '@hwbp/kwatch';

/**
 * Two users of DR1, a request of the kernel between them, and the exit of the higher one: what happens, line by line.
 */
export function play(counts: CountingMethod): string[] {
  const lines: string[] = [];
  using kernel = composeKernel({ arch: x86(), cpus: 2, slotPolicy: priorities({ counts }), plugins: [Kwatch] });
  const { machine } = kernel;
  const kwatch = kernel.get(Kwatch);

  const names = new Map<Watch, string>();
  const told = (what: string) => (watch: Watch) => lines.push(`        ${names.get(watch)}: ${what}`);
  const watched = (address: bigint, priority: number): WatchRequest => ({
    address,
    length: 4,
    type: HW_BREAKPOINT_W,
    priority,
    triggered: told('triggered'),
    installed: told('installed'),
    uninstalled: told('uninstalled'),
  });
  const tell = (name: string, watch: Watch): void => {
    names.set(watch, name);
    lines.push(`${name}, priority ${watch.priority}: ${watch.installed ? 'installed' : 'waits'}`);
  };
  const look = (): void => {
    const { counts: users, effective } = kernel.get(PRIORITIES).users(1);
    const levels = [...users].map(([level, n]) => `${n} of priority ${level}`).join(', ') || 'none';
    const bar = effective === undefined ? 'no user is in the way' : `a kernel request must exceed ${effective}`;
    lines.push(`users of DR1: ${levels}; ${bar}`);
  };

  const [a, b] = ['A', 'B'].map((comm) => machine.spawn(program([{ pc: 0x401000n, length: 4 }]), { comm, run: false }));
  if (a === undefined || b === undefined) return lines;
  for (const [n, address] of [0xffffffff82000000n, 0xffffffff82000008n].entries()) {
    tell(`kernel ${n}`, kwatch.registerKernel(watched(address, 9))); // DR3 and DR2, from the top
  }
  tell('A in DR0', kwatch.registerUser(a, watched(0x601000n, 6)));
  tell('A in DR1', kwatch.registerUser(a, watched(0x601008n, 6)));
  tell('B in DR0', kwatch.registerUser(b, watched(0x601000n, 6)));
  const low = kwatch.registerUser(b, watched(0x601008n, 1));
  tell('B in DR1', low);
  look();
  const middle = kwatch.registerKernel(watched(0xffffffff82000010n, 4));
  tell('kernel middle', middle);
  lines.push('A exits');
  machine.exit(a);
  look();
  lines.push(`kernel middle: status ${middle.status}; B in DR1: status ${low.status}`);
  lines.push('B exits');
  machine.exit(b);
  look();
  lines.push(`kernel middle: status ${middle.status}`);
  return lines;
}
