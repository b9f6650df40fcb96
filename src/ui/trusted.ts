// What the page's policy (tools/headers.mjs) asks of it: text never becomes markup or a script, and a worker's address is one of ours.
// The lab's worker has its own (src/lab/trusted.ts). Must be imported before anything starts a worker.

interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

const made = new Set<string>();
/** An address that the page made itself, of a script that it wrote: the few lines of a sandboxed frame's worker. */
export function allow(url: string): string {
  made.add(url);
  return url;
}

/** A script of this site, or nothing. There is no rule for markup and none for script text: those are refused. */
export function ours(url: string): string {
  if (made.has(url)) return url;
  const u = new URL(url, location.href);
  if (u.origin !== location.origin || !/\.(?:js|tsx?)$/.test(u.pathname)) throw new TypeError(`not a script of this page: ${url}`);
  return u.href;
}

const { trustedTypes } = globalThis as { trustedTypes?: Factory };
trustedTypes?.createPolicy('default', { createScriptURL: ours });
