import { render } from 'preact';
import { EXAMPLES } from './examples.js';
import { type Linked, readLink } from './model/link.js';
import { App } from './ui/app.js';
import { Store } from './ui/store.js';
import { applyTheme } from './ui/theme.js';
import './ui/styles.css';

const [first] = EXAMPLES;
const root = document.getElementById('app');
if (first === undefined || root === null) throw new TypeError('there is an example, and a place for the page');

applyTheme();
let linked: Linked = { scenario: first.scenario };
let problem: string | undefined;
try {
  if (location.hash.length > 1) linked = await readLink(location.hash.slice(1));
} catch (error) {
  problem = error instanceof Error ? error.message : String(error);
}
const store = new Store(linked, problem !== undefined);
if (problem !== undefined) store.say(problem);
// For whoever looks with the browser's console: playground.state.view is everything that the page shows.
Object.assign(globalThis, { playground: store });
render(<App store={store} />, root);

addEventListener('hashchange', async () => {
  const fragment = location.hash.slice(1);
  if (fragment === '' || fragment === store.fragment) return;
  try {
    store.visit(fragment, await readLink(fragment));
  } catch (error) {
    store.say(error instanceof Error ? error.message : String(error));
  }
});
