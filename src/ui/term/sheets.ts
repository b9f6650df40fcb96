// xterm.js under a policy without inline styles. It writes its sheets into <style> elements and colours of single characters into
// style attributes; both are refused. Here a "style" element is a stand-in whose text becomes a sheet of the document's own, and a
// span's style attribute is set by way of the CSSOM: neither needs an exception of the policy (docs/adr/0009-the-page-is-closed.md).

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

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

const create: Make = (name, options) => {
  if (name === 'style') return styleStandIn();
  const made = make(name, options);
  if (name === 'span') made.setAttribute = setAttribute;
  return made;
};

/** The document as xterm sees it: the same one, but for what it makes. */
export const documentOverride: Document = new Proxy(document, {
  get(target, key) {
    if (key === 'createElement') return create;
    const value: unknown = Reflect.get(target, key, target);
    return typeof value === 'function' ? (value as (...a: unknown[]) => unknown).bind(target) : value;
  },
  set: (target, key, value) => Reflect.set(target, key, value, target),
});

/** While a terminal opens: its viewport takes the window's document, whichever it was given. */
export function opening(open: () => void): void {
  document.createElement = create as Document['createElement'];
  try {
    open();
  } finally {
    Reflect.deleteProperty(document, 'createElement');
  }
}
