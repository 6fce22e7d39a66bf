import { SaxesParser } from 'saxes';

/** An element of a document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The elements of an XML document, and its text, a line for each element. Throws where it is not well-formed. */
export function parseXml(xml: string): { readonly elements: readonly XmlElement[]; readonly text: string } {
  const elements: XmlElement[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => elements.push({ name, attributes: { ...attributes } }));
  parser.on('text', (piece) => {
    text += piece;
  });
  parser.on('closetag', () => {
    text += '\n';
  });
  parser.write(xml).close();
  return { elements, text };
}
