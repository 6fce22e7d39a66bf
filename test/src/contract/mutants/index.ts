import { apiMutants } from './api.js';
import { consumerMutants, faithfulConsumer } from './consumer.js';
import { displacingMutants, faithfulPriorities } from './displacing.js';
import { driverMutants } from './driver.js';
import { faithfulFake, fakeMutants } from './fake.js';
import { imageMutants } from './images.js';
import { driverMutant, type Mutant, unmutated } from './mutant.js';
import { OpenDriver } from './open-driver.js';
import { parseMutants } from './parse.js';
import { policyMutants } from './policy.js';
import { faithfulPort, portMutants } from './port.js';
import { powerMutants } from './power.js';
import { faithfulPpc64, ppc64Mutants } from './ppc64.js';
import { siliconMutants } from './silicon.js';

/** What mutants are made from, with nothing planted: it must pass everything. */
export const faithful: readonly Mutant[] = [
  unmutated,
  driverMutant('driver: nothing planted', [], OpenDriver),
  faithfulPort,
  faithfulConsumer,
  faithfulFake,
  faithfulPpc64,
  faithfulPriorities,
];

export const mutants: readonly Mutant[] = [
  ...siliconMutants,
  ...driverMutants,
  ...portMutants,
  ...parseMutants,
  ...policyMutants,
  ...displacingMutants,
  ...apiMutants,
  ...imageMutants,
  ...powerMutants,
  ...fakeMutants,
  ...ppc64Mutants,
  ...consumerMutants,
];
