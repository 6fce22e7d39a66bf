export { type Linked, linkOf, readLink } from './link.js';
export { MODELS } from './models.js';
export type { RegisterView } from './registers/register-view.js';
export { sameScenario } from './same-scenario.js';
export { checkScenario, MODEL_TITLES, type Scenario, ScenarioError } from './scenario.js';
export { Simulation } from './simulation.js';
export type { StateView } from './state-view.js';
