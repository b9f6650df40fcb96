// What the policy of the page (tools/headers.mjs) asks of its workers: the address of a worker that they start is one of ours.
// The page has its own (src/ui/trusted.ts). Must be imported before anything starts a worker.

interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

/** A script of this site, or nothing. There is no rule for markup and none for script text: those are refused. */
export function ours(url: string): string {
  const u = new URL(url, location.href);
  if (u.origin !== location.origin || !/\.(?:js|tsx?)$/.test(u.pathname)) throw new TypeError(`not a script of this page: ${url}`);
  return u.href;
}

const { trustedTypes } = globalThis as { trustedTypes?: Factory };
trustedTypes?.createPolicy('default', { createScriptURL: ours });
