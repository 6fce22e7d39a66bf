const ENTITIES: Readonly<Record<string, string>> = Object.freeze({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
});

/** Text for a page, as content and in attributes: whatever is in it, it is only text. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A table; the columns in `numbers` are aligned to the right. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number>,
): string {
  const cell = (name: string, text: string, column: number): string =>
    `<${name}${numbers.has(column) ? ' class="n"' : ''}>${escapeHtml(text)}</${name}>`;
  const row = (name: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text, column) => cell(name, text, column)).join('')}</tr>`;
  const body = rows.map((texts) => row('td', texts)).join('\n');
  return `<table>\n<thead>${row('th', head)}</thead>\n<tbody>\n${body}\n</tbody>\n</table>\n`;
}

/** JSON for a script element: nothing in it ends that, whatever names it has. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
