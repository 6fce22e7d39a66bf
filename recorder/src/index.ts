export { BuiltPrograms } from './build.js';
export { argumentsOf, OPS, planOf } from './from-transcript.js';
export { generate, SUITES, type Suite } from './generate/generate.js';
export { MOST_STEPS } from './generate/play.js';
export { readMachineFacts } from './machine-facts.js';
export type { Plan, PlannedStep } from './plan.js';
export { probe } from './probe.js';
export { findLacks, type Lack, type Surroundings, surroundings } from './requirements.js';
export { formatPlan, type ScriptText, ScriptTextError, splitScripts } from './script-text.js';
