// The service worker: adds the isolation headers where the host cannot, and serves the page offline.
// VERSION and FILES are filled in by the build; a new build is a new cache, the old one goes when its last tab does.
const VERSION = 'dev';
const FILES = [];
const CACHE = `ringside-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(FILES);
      if (!self.registration.active) await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith('ringside-') && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

function isolate(response) {
  if (response.status === 0 || response.type === 'opaqueredirect') return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
  const empty = response.status === 204 || response.status === 304;
  return new Response(empty ? null : response.body, { status: response.status, statusText: response.statusText, headers });
}

// Pages come from the network first, so that an update shows at the next visit; all else is named by its content.
async function answer(request) {
  const cache = await caches.open(CACHE);
  if (request.mode !== 'navigate') {
    const hit = await cache.match(request, { ignoreSearch: false });
    return isolate(hit ?? (await fetch(request)));
  }
  try {
    return isolate(await fetch(request));
  } catch (error) {
    const hit = (await cache.match(request, { ignoreSearch: true })) ?? (await cache.match('./index.html'));
    if (hit) return isolate(hit);
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && new URL(request.url).origin === self.location.origin) event.respondWith(answer(request));
});
