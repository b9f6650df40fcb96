// <ringside-lab>: a picture of Ringside at one moment, in any page. No dependency; docs/EMBED.md has the attributes and messages.
(() => {
  const script = document.currentScript;
  const here = script?.src ? new URL('./', script.src).href : undefined;
  const VIEWS = ['ring', 'machine', 'csb', 'who', 'strip', 'source', 'slot'];
  const TALLEST = 4000;

  class RingsideLab extends HTMLElement {
    static observedAttributes = ['src', 'moment', 'view', 'ring', 'slot', 'theme', 'height', 'sandbox'];
    #frame;
    #origin = '';
    #listen = (event) => {
      if (!this.#frame || event.source !== this.#frame.contentWindow) return;
      const { type, height, step } = Object(event.data);
      if (type === 'ringside:size' && Number.isFinite(height) && !this.hasAttribute('height')) {
        this.#frame.style.height = `${Math.min(TALLEST, Math.max(120, height))}px`;
      } else if (type === 'ringside:at' && Number.isInteger(step)) {
        this.dispatchEvent(new CustomEvent('ringside-at', { detail: { step } }));
      }
    };

    connectedCallback() {
      addEventListener('message', this.#listen);
      this.#show();
    }

    disconnectedCallback() {
      removeEventListener('message', this.#listen);
      this.#frame?.remove();
      this.#frame = undefined;
    }

    attributeChangedCallback(name, before, now) {
      if (!this.#frame || before === now) return;
      if (name === 'theme') this.#tell({ type: 'ringside:theme', theme: now ?? 'auto' });
      else this.#show();
    }

    /** One step, one step back, to a step: as the picture's own buttons. */
    step() {
      this.#tell({ type: 'ringside:step' });
    }
    back() {
      this.#tell({ type: 'ringside:back' });
    }
    go(step) {
      this.#tell({ type: 'ringside:go', step });
    }

    #tell(message) {
      this.#frame?.contentWindow?.postMessage(message, this.#origin);
    }

    #show() {
      const base = this.getAttribute('src') ?? here;
      if (!base) return;
      const url = new URL(base, document.baseURI);
      if (url.protocol !== 'https:' && url.protocol !== 'http:') return;
      const view = this.getAttribute('view') ?? 'ring';
      url.search = '';
      url.searchParams.set('embed', VIEWS.includes(view) ? view : 'ring');
      for (const name of ['ring', 'slot', 'theme']) {
        const value = this.getAttribute(name);
        if (value !== null) url.searchParams.set(name, value);
      }
      url.hash = this.getAttribute('moment') ?? '';
      const sandbox = this.getAttribute('sandbox');
      this.#origin = sandbox !== null && !sandbox.includes('allow-same-origin') ? '*' : url.origin;
      this.#frame?.remove();
      const frame = document.createElement('iframe');
      frame.title = this.getAttribute('title') ?? 'Ringside';
      frame.loading = 'lazy';
      frame.referrerPolicy = 'no-referrer';
      frame.style.cssText = 'display:block;width:100%;border:0';
      frame.style.height = `${Number(this.getAttribute('height')) || 360}px`;
      if (sandbox !== null) frame.setAttribute('sandbox', sandbox || 'allow-scripts allow-popups allow-popups-to-escape-sandbox');
      frame.src = url.href;
      this.style.display = 'block';
      this.replaceChildren(frame);
      this.#frame = frame;
    }
  }

  if (!customElements.get('ringside-lab')) customElements.define('ringside-lab', RingsideLab);
})();
