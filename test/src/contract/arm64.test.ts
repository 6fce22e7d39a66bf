import { type Arm64Features, arm64 } from '@hwbp/arch-arm64';
import { backendContract } from '@hwbp/testkit';
import test from 'ava';

const CPUS: Readonly<Record<string, Arm64Features>> = {
  'six and four': {},
  'two and two, FAR of the access': { brps: 2, wrps: 2, debugArch: 8, far: 'access' },
  'sixteen and sixteen, 52 bits': { brps: 16, wrps: 16, debugArch: 10, vaBits: 52, far: 'watched' },
};

for (const [name, features] of Object.entries(CPUS)) {
  backendContract({ test, name: `arm64: ${name}`, createBackend: () => arm64(features) });
}
