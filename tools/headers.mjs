// The headers that every server of the page sends, and the policy that the page also carries in itself, for hosts that send none
// (docs/SECURITY.md, docs/adr/0009-the-page-is-closed.md). vite.config.ts, tools/serve.mjs, public/_headers and the service worker take them from here.

/** Without these a page gets no SharedArrayBuffer, and the lab only its step engine. Any site may put it in a frame, also one that is isolated, and
 * a frame in a sandbox, whose origin is its own, loads what it needs (docs/EMBED.md). */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
};

const DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:", // a frame in a sandbox may start no worker from an address (src/ui/show/start_worker.ts)
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
];

/** For a <meta>: browsers ignore frame-ancestors there. */
export const POLICY = DIRECTIVES.join('; ');

/** What is closed: any site may show the page in a frame, and that is all that another site has to do with it. */
export const CLOSED = {
  'Content-Security-Policy': `${POLICY}; frame-ancestors *`,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export const HEADERS = { ...ISOLATION, ...CLOSED };

/** public/_headers, for hosts that read one. */
export const headersFile = () => `/*
${Object.entries(HEADERS)
  .map(([name, value]) => `  ${name}: ${value}`)
  .join('\n')}
/assets/*
  Cache-Control: public, max-age=31536000, immutable
/sw.js
  Cache-Control: no-cache
`;
