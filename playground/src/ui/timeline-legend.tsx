import { EVENT_MARKS, ownerColour, SET_ASIDE, VEIL } from '@hwbp/history';
import { MARKED, type PackedTimeline } from '../timeline/packed.js';
import { numbered } from './numbered.js';

/** Colours that are explained. */
const MOST = 24;

function Swatch({ colour }: { readonly colour: string }) {
  return <span class="swatch" style={{ background: colour }} />;
}

/** What the colours and marks of a timeline stand for. */
export function TimelineLegend({ timeline }: { readonly timeline: PackedTimeline }) {
  const { colours, events, hits, away, lost } = timeline;
  const happened = new Set(events.colour);
  return (
    <>
      <ul class="legend" aria-label="Legend">
        {numbered(colours.slice(0, MOST)).map(({ item: name, place }) => (
          <li key={place}>
            <Swatch colour={ownerColour(place)} /> {name}
          </li>
        ))}
        {colours.length > MOST && <li>and {colours.length - MOST} more</li>}
        {away.from.length > 0 && (
          <li>
            <Swatch colour={`color-mix(in srgb, var(--lane) ${100 * VEIL}%, ${ownerColour(0)})`} /> {SET_ASIDE}
          </li>
        )}
        {hits.from.length > 0 && <li>▼ hit</li>}
        {MARKED.map((kind, number) =>
          happened.has(number) ? (
            <li key={kind}>
              <span class="tick" style={{ background: EVENT_MARKS[kind].colour }} /> {EVENT_MARKS[kind].words}
            </li>
          ) : null,
        )}
      </ul>
      {lost > 0 && <p class="lost">{lost.toLocaleString('en')} older records were dropped</p>}
    </>
  );
}
