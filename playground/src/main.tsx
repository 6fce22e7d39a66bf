import { render } from 'preact';
import { EXAMPLES } from './examples.js';
import { readLink } from './model/link.js';
import { App } from './ui/app.js';
import { Store } from './ui/store.js';
import { applyTheme } from './ui/theme.js';
import './ui/styles.css';

const [first] = EXAMPLES;
const root = document.getElementById('app');
if (first === undefined || root === null) throw new TypeError('there is an example, and a place for the page');

applyTheme();
const store = new Store(first.scenario);
render(<App store={store} />, root);

/** What the link says, if it says anything. */
async function follow(): Promise<void> {
  const fragment = location.hash.slice(1);
  if (fragment === '' || fragment === store.fragment) return;
  try {
    store.change(await readLink(fragment));
  } catch (error) {
    store.say(error instanceof Error ? error.message : String(error));
  }
}

addEventListener('hashchange', follow);
await follow();
