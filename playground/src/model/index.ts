export { linkOf, readLink } from './link.js';
export { checkScenario, MODEL_TITLES, type Scenario, ScenarioError } from './scenario.js';
export { Simulation } from './simulation.js';
export type { StateView } from './state-view.js';
