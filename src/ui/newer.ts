// A link that a newer lab made: the server is asked for that lab once, past what this browser keeps of the page.
const FLAG = 'ringside-newer';

export function lookedAlready(version: number): boolean {
  try {
    return sessionStorage.getItem(FLAG) === String(version);
  } catch {
    return false;
  }
}

/** The page again, from its server; the address keeps the link. */
export async function look(version: number): Promise<void> {
  try {
    sessionStorage.setItem(FLAG, String(version));
  } catch {
    /* storage refused: it may be looked for again */
  }
  if ('serviceWorker' in navigator)
    for (const worker of await navigator.serviceWorker.getRegistrations().catch(() => [])) await worker.update().catch(() => undefined);
  location.reload();
}
