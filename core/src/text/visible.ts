/**
 * What a terminal obeys, or does not show: controls (C0, DEL, C1), what turns the direction of text round or has no
 * width (Unicode's format characters, but for the two joiners that words and emoji are made with), separators of lines
 * and paragraphs, and halves of characters.
 */
const HARMFUL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same, but for line feeds, tabs, and the colours that {@link harmless} is told of. */
const HARMFUL_TEXT = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Bold, dim, neither, and a colour of the foreground: what we write ourselves. Hidden text is none of it. */
const COLOUR = /\p{Cc}\[(?:1|22?|3\d)m/uy;

const ESCAPE = '\u001b';
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  const named = NAMED[character];
  if (named !== undefined) return named;
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/** A name out of an input, for people: what a terminal would obey is written out (`\x1b`, `\u202e`, `\n`). */
export function visible(name: string): string {
  return name.replaceAll(HARMFUL, written);
}

/**
 * Lines of text for people, with names in them: as {@link visible}, but for what separates lines and columns, and if
 * asked for the sequences that colour text.
 */
export function harmless(text: string, colours = false): string {
  return text.replaceAll(HARMFUL_TEXT, (character, at: number) => {
    COLOUR.lastIndex = at;
    return colours && character === ESCAPE && COLOUR.test(text) ? character : written(character);
  });
}
