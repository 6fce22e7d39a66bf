import { useMemo, useState } from 'preact/hooks';
import { EXAMPLES } from '../examples.js';
import { changesOf } from './changes.js';
import { Controls } from './controls.js';
import { CpuPanel } from './cpus.js';
import { EditorPanel } from './editor-panel.js';
import { Memory, Outcomes, Tasks, Trace } from './panels.js';
import { Names, Parts, TaskTable, WatchTable } from './setup.js';
import { type Store, useStore } from './store.js';
import { toggleTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { TracePage } from './trace-page.js';

type Page = 'simulate' | 'trace';

function Header({
  store,
  page,
  open,
}: {
  readonly store: Store;
  readonly page: Page;
  readonly open: (page: Page) => void;
}) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      store.say('the browser lets no page copy: the link is in its address bar');
    }
  };
  const tab = (name: Page, title: string) => (
    <button type="button" aria-current={page === name ? 'page' : undefined} onClick={() => open(name)}>
      {title}
    </button>
  );
  return (
    <header>
      <h1>hwbp playground</h1>
      <nav aria-label="Pages">
        {tab('simulate', 'Simulate')}
        {tab('trace', 'Your trace')}
      </nav>
      <div class="spacer" />
      <button type="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy link'}
      </button>
      <button type="button" onClick={toggleTheme}>
        Dark or light
      </button>
    </header>
  );
}

function Examples({ store }: { readonly store: Store }) {
  const { scenario } = useStore(store);
  const text = JSON.stringify(scenario);
  const chosen = EXAMPLES.find((example) => JSON.stringify(example.scenario) === text);
  return (
    <section class="examples" aria-label="Examples">
      <label class="field">
        <span>Example</span>
        <select
          value={chosen?.id ?? ''}
          data-testid="examples"
          onChange={({ currentTarget }) => {
            const example = EXAMPLES.find(({ id }) => id === currentTarget.value);
            if (example !== undefined) store.change(example.scenario);
          }}
        >
          {chosen === undefined && <option value="">yours</option>}
          {EXAMPLES.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <p>{chosen?.idea ?? 'Everything here is in the link of this page.'}</p>
    </section>
  );
}

function Simulate({ store }: { readonly store: Store }) {
  const { scenario, view, before, timeline, message, count } = useStore(store);
  const changed = useMemo(() => (view === undefined ? new Set<string>() : changesOf(before, view)), [view, before]);
  const go = (to: number): void => store.ask({ kind: 'go', count: to });
  return (
    <main>
      <Examples store={store} />
      {message !== undefined && (
        <p class="message" role="alert" data-testid="message">
          {message}
        </p>
      )}
      <Controls store={store} />
      {timeline !== undefined && <Timeline timeline={timeline} count={count} go={go} />}
      <div class="columns">
        <div class="setup">
          <EditorPanel store={store} />
          <Names scenario={scenario} />
          <TaskTable store={store} scenario={scenario} />
          <WatchTable store={store} scenario={scenario} />
          <Parts store={store} scenario={scenario} />
        </div>
        <div class="run">
          {view !== undefined && (
            <>
              <section class="cpus" aria-label="Debug registers" data-testid="cpus">
                <h2>Debug registers</h2>
                {view.cpus.map((cpu) => (
                  <CpuPanel key={cpu.index} cpu={cpu} changed={changed} />
                ))}
              </section>
              <Outcomes view={view} watches={scenario.watches} />
              <Tasks view={view} changed={changed} />
              <Memory view={view} changed={changed} />
              <Trace view={view} go={go} />
            </>
          )}
        </div>
      </div>
    </main>
  );
}

/** The page. */
export function App({ store }: { readonly store: Store }) {
  const [page, open] = useState<Page>('simulate');
  return (
    <>
      <Header store={store} page={page} open={open} />
      {page === 'simulate' ? <Simulate store={store} /> : <TracePage />}
    </>
  );
}
