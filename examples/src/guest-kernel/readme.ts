import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, program } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';

const counter = 0x601000n;
const watch = { bp_type: HW_BREAKPOINT_W, bp_addr: counter, bp_len: 8 };
const store = {
  pc: 0x401000n,
  length: 3,
  accesses: [{ kind: 'write' as const, address: counter, size: 8, value: 42n }],
};

using host = composeKernel({ arch: x86(), plugins: [Kvm] });
host.breakpoints.registerCpu(watch, ({ ip }) => console.log(`host: ${ip}`), 0);

const vm = host.get(Kvm).createVm({ name: 'guest' });
using guest = composeKernel({ arch: x86(), hardware: vm.hardware }); // any plugins, Kvm among them
guest.breakpoints.registerCpu(watch, ({ ip }) => console.log(`guest: ${ip}`), 0);
guest.machine.spawn(program([store]));

guest.machine.run(); // guest: 4198403. The host's own watch at the same address is not hit
console.log(vm.vcpus[0]?.stats); // entries, and exits by what for: { db: 1, ... }
