/** The CPUs that a trace can be replayed on: `--arch` of the command, and `--cpu`, with what people call them. */
export const TRACED = {
  x86: 'x86-64',
  'arm64 cortex-a57': 'arm64, Cortex-A57',
  'arm64 neoverse-n1': 'arm64, Neoverse N1',
  'arm64 fewest': 'arm64, fewest registers',
  'arm64 most': 'arm64, most registers',
  'ppc64 power8': 'ppc64, POWER8',
  'ppc64 power7': 'ppc64, POWER7',
  'ppc64 power9': 'ppc64, POWER9',
  'ppc64 power10': 'ppc64, POWER10',
  riscv64: 'riscv64',
} as const;
