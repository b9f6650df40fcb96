// xterm.js under a policy without inline styles. It writes its sheets into <style> elements and colours of single characters into
// style attributes; both are refused. Here a "style" element is a stand-in whose text becomes a sheet of the document's own, and a
// character's colour goes by way of the CSSOM: neither needs an exception of the policy (docs/adr/0009-the-page-is-closed.md).
import type { Terminal } from '@xterm/xterm';

/** In a document, what is made by name. */
type Make = (name: string, options?: ElementCreationOptions) => HTMLElement;
const make: Make = (name, options) => Document.prototype.createElement.call(document, name, options);

function styleStandIn(): HTMLElement {
  const stand = make('template'),
    sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(stand, 'textContent', {
    get: () => '',
    set: (text: string) => {
      sheet.replaceSync(text);
    },
  });
  stand.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    Element.prototype.remove.call(stand);
  };
  return stand;
}

const create: Make = (name, options) => (name === 'style' ? styleStandIn() : make(name, options));

/** What makes a row's characters, inside of xterm.js 6.0.0: its only place that writes a style attribute. */
interface Rows {
  _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: { _addStyle?: (e: HTMLElement, style: string) => void } } } } };
}

/** Opens a terminal in an element: all its <style> elements are made while it opens. */
export function open(xterm: Terminal, into: HTMLElement): void {
  document.createElement = create as Document['createElement'];
  try {
    xterm.open(into);
  } finally {
    Reflect.deleteProperty(document, 'createElement');
  }
  const rows = (xterm as unknown as Rows)._core?._renderService?._renderer?.value?._rowFactory;
  if (!rows?._addStyle) throw new Error('xterm.js makes its rows otherwise: see sheets.ts');
  rows._addStyle = (e, style) => {
    e.style.cssText += `${style};`;
  };
}
