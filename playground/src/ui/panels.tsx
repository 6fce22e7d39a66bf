import { useEffect, useRef } from 'preact/hooks';
import { ACCESS_TITLES, OWNER_TITLES, type ScenarioWatch } from '../model/scenario.js';
import type { RefusalView, StateView } from '../model/state-view.js';
import { Head } from './head.js';
import { Mark } from './mark.js';
import { numbered } from './numbered.js';
import { Scroll } from './scroll.js';

interface PanelProps {
  readonly view: StateView;
  readonly changed: ReadonlySet<string>;
}

/** Who runs, where, with which registers. */
export function Tasks({ view, changed }: PanelProps) {
  const names = Object.keys(view.tasks[0]?.registers ?? {});
  return (
    <section class="panel" aria-labelledby="tasks">
      <h2 id="tasks">Tasks</h2>
      <Scroll label="Tasks and their registers">
        <table>
          <Head titles={['task', 'state', 'CPU', 'pc', 'line', ...names]} />
          <tbody>
            {view.tasks.map(({ name, guest, state, cpu, pc, line, registers }) => (
              <tr key={`${guest}${name}`}>
                <th scope="row">
                  {name}
                  {guest && ' (guest)'}
                </th>
                <td>
                  {state}
                  <Mark on={changed.has(`task ${guest} ${name} state`)} />
                </td>
                <td>{cpu}</td>
                <td>
                  {pc}
                  <Mark on={changed.has(`task ${guest} ${name} pc`)} />
                </td>
                <td>{line === 0 ? '' : line}</td>
                {names.map((register) => (
                  <td key={register}>
                    <code>{registers[register]}</code>
                    <Mark on={changed.has(`task ${guest} ${name} ${register}`)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {view.tasks.map(({ name, guest, debug }) =>
        Object.keys(debug).length === 0 ? null : (
          <p key={`${guest}${name}`} class="note">
            The debug registers of {name}, as its debugger reads them:{' '}
            {shownOf(debug).map(([register, value]) => (
              <span key={register}>
                <code>
                  {register}={value}
                </code>
                <Mark on={changed.has(`task ${guest} ${name} ${register}`)} />{' '}
              </span>
            ))}
          </p>
        ),
      )}
    </section>
  );
}

/** Those that hold something; all of them where nothing is. */
function shownOf(debug: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  const all = Object.entries(debug);
  const some = all.filter(([, value]) => value !== '0');
  return some.length === 0 ? all.slice(0, 1) : some;
}

/** Variables by symbol. */
export function Memory({ view, changed }: PanelProps) {
  return (
    <section class="panel" aria-labelledby="memory">
      <h2 id="memory">Memory</h2>
      <Scroll label="Variables by symbol">
        <table>
          <Head titles={['symbol', 'of', 'value', 'address']} />
          <tbody>
            {view.variables.map(({ symbol, of, values, address }) => (
              <tr key={`${of} ${symbol}`}>
                <th scope="row">{symbol}</th>
                <td>{of}</td>
                <td>
                  {numbered(values).map(({ item: value, place: index }) => (
                    <span key={index}>
                      {value}
                      <Mark on={changed.has(`variable ${of} ${symbol} ${index}`)} />{' '}
                    </span>
                  ))}
                </td>
                <td>
                  <code>{address}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

interface RefusalProps {
  readonly refusal: RefusalView;
  readonly watch: ScenarioWatch | undefined;
  readonly latest: boolean;
}

function Refusal({ refusal, watch, latest }: RefusalProps) {
  const { code, message, holders, count } = refusal;
  return (
    <details class="refusal" data-testid="refusal" open={latest}>
      <summary>
        <strong>{code}</strong> at {count}: {watch !== undefined && OWNER_TITLES[watch.by]} asked for{' '}
        <code>{watch?.symbol}</code>, and was refused.
      </summary>
      {holders.length === 0 ? (
        <p>{message}</p>
      ) : (
        <>
          <p>Who has the registers:</p>
          <ul>
            {holders.map(({ owner, where, what }) => (
              <li key={`${owner}${where}${what}`}>
                <strong>{owner}</strong> for {where}: <code>{what}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}

/** Who watches what, in words. */
function Watched({ watch }: { readonly watch: ScenarioWatch }) {
  const { by, access, symbol, offset, task, pinned, guest } = watch;
  return (
    <>
      {OWNER_TITLES[by]}, {ACCESS_TITLES[access]} of{' '}
      <code>
        {symbol}
        {offset !== undefined && `+${offset}`}
      </code>
      {task !== undefined && ` for ${task}`}
      {by === 'perf' && pinned === true && ', pinned'}
      {guest === true && ', in the guest'}
    </>
  );
}

/** What became of the watches, and who was in the way. */
export function Outcomes({ view, watches, changed }: PanelProps & { readonly watches: readonly ScenarioWatch[] }) {
  return (
    <section class="panel" aria-labelledby="outcomes">
      <h2 id="outcomes">Watches</h2>
      <ol class="outcomes">
        {numbered(view.watches).map(({ item: { state, hits }, place: index }) => {
          const watch = watches[index];
          return (
            <li key={index} class={state.replaceAll(' ', '-')}>
              {watch !== undefined && <Watched watch={watch} />}: {state}, {hits.toLocaleString('en')} hit
              {hits === 1 ? '' : 's'}
              <Mark on={changed.has(`watch ${index}`)} />
            </li>
          );
        })}
      </ol>
      {numbered(view.refusals).map(({ item, place }) => (
        <Refusal key={place} refusal={item} watch={watches[item.watch]} latest={place === view.refusals.length - 1} />
      ))}
    </section>
  );
}

/** What happened, the latest at the end. */
export function Trace({ view, go }: { readonly view: StateView; readonly go: (count: number) => void }) {
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [view]);
  return (
    <section class="panel" aria-labelledby="trace">
      <h2 id="trace">Trace</h2>
      {view.earlier > 0 && <p>{view.earlier.toLocaleString('en')} earlier lines are in the timeline.</p>}
      <Scroll kind="trace" element={list} label="What happened, the latest at the end">
        <table>
          <Head titles={['count', 'what', 'CPU', 'task', 'in words']} />
          <tbody>
            {numbered(view.trace, view.earlier).map(({ item: { count, kind, cpu, task, text }, place }) => (
              <tr key={place} class={kind}>
                <td>
                  <button type="button" class="link" onClick={() => go(count)} title="Go there">
                    {count.toLocaleString('en')}
                  </button>
                </td>
                <td>{kind}</td>
                <td>{cpu < 0 ? '' : cpu}</td>
                <td>{task}</td>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
