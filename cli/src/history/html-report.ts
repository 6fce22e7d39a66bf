import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type HistoryData, timelineSvg } from '@hwbp/history';
import { counted } from '../replay/counted.js';
import { compactHistory } from './compact.js';
import { decisionsTable, holdersTable } from './history-tables.js';
import { escapeHtml, jsonForScript } from './html.js';

/** What a report is about. */
export interface HtmlReportParts {
  readonly data: HistoryData;
  /** What was run. */
  readonly title: string;
  /** What the command has printed. */
  readonly printed: string;
}

/** From cli/dist/history. */
const asset = (name: string): string => readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8');

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * A page of its own: timeline, legend, tables and what was printed. It needs nothing from anywhere: its script and
 * style are in it, and its policy forbids any other, and every request. Without scripts the timeline is a picture.
 */
export function htmlReport({ data, title, printed }: HtmlReportParts): string {
  const [script, style] = [asset('timeline.js'), asset('report.css')];
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  const { from, to, lost } = data;
  const decisions = decisionsTable(data);
  const dropped =
    lost.intervals + lost.events === 0
      ? ''
      : `<p class="note">Older records were dropped: ${counted(lost.intervals, 'stay')}, ${counted(lost.events, 'event')}. From instruction ${from.toLocaleString('en-US')} on everything is there.</p>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="hwbp">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${counted(to, 'instruction')}, ${counted(data.cpus, 'CPU')} of ${counted(data.registers.length, 'debug register')}.</p>
${dropped}<section aria-label="Timeline">
<h2>Who held which register when</h2>
<div id="timeline">
${timelineSvg(data, { width: 1200 })}</div>
</section>
<section aria-label="Holders" tabindex="0">
<h2>Who held registers</h2>
${holdersTable(data)}
<p>Hits are those of the time that a watch was in a register: whatever happened while it was in none was told to nobody. An
estimate for the whole run, as <code>hwbp stat</code> prints it, is higher.</p></section>
${decisions === '' ? '' : `<section aria-label="Decisions" tabindex="0">\n<h2>Who waited, was displaced or refused</h2>\n${decisions}</section>\n`}<section aria-label="Printed">
<h2>What was printed</h2>
<pre tabindex="0">${escapeHtml(printed)}</pre>
</section>
</main>
<script type="application/json" id="history">${jsonForScript(compactHistory(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}
