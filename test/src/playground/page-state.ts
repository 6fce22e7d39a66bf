import { EXAMPLES } from '@hwbp/playground/examples';
import { type Scenario, type StateView, sameScenario } from '@hwbp/playground/model';
import type { Page } from 'playwright-core';

/** What the page has for its console. */
export interface Handle {
  readonly location: { readonly hash: string };
  readonly innerWidth: number;
  readonly document: {
    readonly documentElement: { readonly scrollWidth: number };
    querySelector(selector: string): { readonly shadowRoot: { readonly textContent: string | null } | null } | null;
  };
  requestAnimationFrame(frame: () => void): void;
  readonly playground: {
    readonly state: {
      readonly scenario: Scenario;
      readonly view: StateView;
      readonly running: boolean;
      readonly composed: boolean;
      readonly timeline: { readonly to: number };
      readonly why: string;
      readonly message?: string;
    };
  };
}

/** Opens what the kernel is made of. */
export const openSetup = (page: Page): Promise<void> => page.getByTestId('setup').locator('summary').first().click();

export const viewOf = (page: Page): Promise<StateView> =>
  page.evaluate(() => (globalThis as unknown as Handle).playground.state.view);

export const settled = (page: Page, count: number): Promise<unknown> =>
  page.waitForFunction((wanted) => {
    const { state } = (globalThis as unknown as Handle).playground;
    return !state.running && state.view?.count === wanted;
  }, count);

/** The page has composed a scenario. */
export async function composed(page: Page, wanted: Scenario): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const { why, scenario } = await page.evaluate(() => {
      const { state } = (globalThis as unknown as Handle).playground;
      return { why: state.why, scenario: state.scenario };
    });
    if (why === 'loaded' && sameScenario(scenario, wanted)) return;
    await page.waitForTimeout(100);
  }
  throw new Error('the page has not composed it');
}

/** The scenario of an example. */
export function example(id: string): Scenario {
  const found = EXAMPLES.find((one) => one.id === id);
  if (found === undefined) throw new TypeError(`there is no example ${id}`);
  return found.scenario;
}
