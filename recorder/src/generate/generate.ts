import type { Plan } from '../plan.js';
import { CONSTRAINT_PROFILES } from './constraint-profiles.js';
import { HIT_PROFILES } from './hit-profiles.js';
import { type Profile, play } from './play.js';
import { PTRACE_PROFILES } from './ptrace-profiles.js';
import { Random, seedOf, type Weighted } from './random.js';
import { Scene } from './scene.js';

/** Suites: ptrace, constraints, hits. */
export const SUITES = ['P', 'C', 'H'] as const;
export type Suite = (typeof SUITES)[number];

const PROFILES: Readonly<Record<Suite, Weighted<Profile>>> = {
  P: PTRACE_PROFILES,
  C: CONSTRAINT_PROFILES,
  H: HIT_PROFILES,
};

/** The script of a suite that a seed (32 bits) makes: always the same. */
export function generate(suite: Suite, seed: number): Plan {
  const random = new Random(seedOf(`${suite} ${seed}`));
  const profile = random.weighted(PROFILES[suite]);
  const after = random.weighted(profile.after);
  const steps = play(profile, new Scene(random));
  const id = `${suite}-R${String(seed).padStart(5, '0')}`;
  return { suite, id, setup: { seed, kind: 'random', after, title: `random ${profile.name}` }, steps };
}
