import type { Doubt, WatchSites } from '@hwbp/cli/portable';
import { useEffect, useMemo } from 'preact/hooks';
import type { HitRow, TraceEnd, TraceResult } from '../trace/messages.js';
import { Head } from './head.js';
import { numbered } from './numbered.js';
import { Scroll } from './scroll.js';

const number = new Intl.NumberFormat('en');

/** What makes the answer doubtful, and what would help. */
function Doubts({ doubts }: { readonly doubts: readonly Doubt[] }) {
  return (
    <ul class="doubts" data-testid="doubts">
      {numbered(doubts).map(({ item: { cause, remedy, fatal }, place }) => (
        <li key={place} class={fatal ? 'message' : ''}>
          {!fatal && 'note: '}
          <span>{cause}</span>
          <br />
          <small>{remedy}</small>
        </li>
      ))}
    </ul>
  );
}

function Sites({ sites: { watch, title, rows, more } }: { readonly sites: WatchSites }) {
  return (
    <>
      <h3 data-testid="watch-title">
        {watch}: {title}
      </h3>
      {rows.length > 0 && (
        <Scroll label={`Who touched ${watch}`}>
          <table data-testid="sites" data-watch={watch}>
            <Head titles={['site', 'type', 'count', 'share', 'first step', 'last step', 'remark']} />
            <tbody>
              {numbered(rows).map(({ item: { site, type, count, share, first, last, rare }, place }) => (
                <tr key={place}>
                  <th scope="row">{site}</th>
                  <td>{type}</td>
                  <td>{count}</td>
                  <td>{share}</td>
                  <td>{first}</td>
                  <td>{last}</td>
                  <td>{rare && <strong>rare</strong>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {more > 0 && <p>{number.format(more)} sites more, no rarer than these (the JSON Lines have all).</p>}
    </>
  );
}

function Registers({ result }: { readonly result: TraceResult }) {
  return (
    <>
      <h3>Debug registers meanwhile</h3>
      <Scroll label="Debug registers meanwhile">
        <table data-testid="registers">
          <Head titles={['CPU', 'register', 'address', 'symbol', 'type', 'length', 'owner', 'hits']} />
          <tbody>
            {result.registers.map(({ cpu, register, held }) => (
              <tr key={`${cpu} ${register}`} class={held === undefined ? 'free' : ''}>
                <td>{cpu}</td>
                <th scope="row">{register}</th>
                <td>{held?.address ?? 'free'}</td>
                <td>{held?.symbol}</td>
                <td>{held?.type}</td>
                <td>{held?.length}</td>
                <td>{held?.owner}</td>
                <td>{held?.hits}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {result.moreRegisters > 0 && (
        <p>{number.format(result.moreRegisters)} registers more, of the other CPUs (the JSON Lines have all).</p>
      )}
      <p data-testid="controls">{result.controls.join('; ')}</p>
    </>
  );
}

const written = (hits: readonly HitRow[]): string => hits.map(({ step, line }) => `step ${step}: ${line}\n`).join('');

function Hits({ end }: { readonly end: TraceEnd }) {
  const { first, between, last } = end.hitList;
  const gap = between > 0 ? `... ${number.format(between)} more (the JSON Lines have them) ...\n` : '';
  return (
    <details>
      <summary>Hit by hit</summary>
      <Scroll label="Hit by hit">
        <pre data-testid="hits">{written(first) + gap + written(last)}</pre>
      </Scroll>
    </details>
  );
}

/** A link to what the command would print for programs. */
function Save({ end: { json, notInJson }, name }: { readonly end: TraceEnd; readonly name: string }) {
  const url = useMemo(() => URL.createObjectURL(json), [json]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <p>
      <a href={url} download={`${name}.jsonl`} data-testid="save">
        Save the JSON Lines
      </a>{' '}
      as <code>hwbp replay --json</code> prints them
      {notInJson > 0 && `, but for ${number.format(notInJson)} hits, for which there is no room`}.
    </p>
  );
}

/** What a replay has found: so far, or in the end. */
export function TraceAnswerView({
  result,
  end,
  name,
}: {
  readonly result: TraceResult;
  readonly end: TraceEnd | undefined;
  /** Of the trace. */
  readonly name: string;
}) {
  return (
    <section aria-labelledby="answer">
      <h2 id="answer">Answer</h2>
      {end !== undefined && end.doubts.length > 0 && <Doubts doubts={end.doubts} />}
      <p aria-live="polite" data-testid="answer">
        {end === undefined || !end.whole ? 'So far' : 'Replayed'}: {number.format(result.steps)} instructions,{' '}
        {number.format(result.hits)} hits, {result.seconds.toFixed(1)} s
      </p>
      {end !== undefined && <Save end={end} name={name} />}
      <table class="heading" data-testid="heading">
        <tbody>
          {numbered(result.heading).map(({ item: [label, text], place }) => (
            <tr key={place}>
              <td>{label}</td>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {numbered(result.sites).map(({ item, place }) => (
        <Sites key={place} sites={item} />
      ))}
      {result.rare.length > 0 && (
        <>
          <h3>Look here first</h3>
          <Scroll label="Look here first">
            <pre data-testid="rare">{result.rare.join('')}</pre>
          </Scroll>
        </>
      )}
      {result.unnamed !== '' && <p data-testid="unnamed">{result.unnamed}</p>}
      <Registers result={result} />
      {end !== undefined && <Hits end={end} />}
      <p data-testid="counts">{result.counts}</p>
    </section>
  );
}
