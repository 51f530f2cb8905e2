// Keeps the till working without the server: its page, its modules and the pictures of goods. `TILL` (version, page,
// files, photos) is written in front by the server, so that any change of a file is another worker.
//
// What is served is one version as a whole, out of its own cache. A newer one is fetched beside it and takes its place
// only when no sale is unsent: what wrote a sale also sends it. Nothing of the API is ever kept. Which version is served
// and which is newest stands in a cache, not in the worker: the older worker serves the newer files too, and a newer one
// takes over in its own time. (With `skipWaiting` Chromium holds back every page while it waits for the older one, which
// never comes to rest once a request of the page has failed.)
const FILES = `till-files-${TILL.version}`;
const META = "till-meta";
const PHOTOS = "till-photos";
const MOST_PHOTOS = 600;
const CURRENT = "/till/current-version";
const NEWEST = "/till/newest-version";
const PATIENCE = 4000;

self.addEventListener("install", (event) => event.waitUntil(fetchAll()));

self.addEventListener("activate", (event) => event.waitUntil(choose().then(() => self.clients.claim()).then(tell)));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === TILL.page) event.respondWith(page(request));
  } else if (TILL.files.includes(url.pathname) || url.pathname.startsWith("/static/")) {
    event.respondWith(file(request, url));
  } else if (url.pathname.startsWith(TILL.photos)) {
    event.respondWith(photo(request));
  }
});

self.addEventListener("message", (event) => {
  const [port] = event.ports;
  const answer = { versions, take, forget }[event.data];
  if (answer) event.waitUntil(answer().then((found) => port?.postMessage(found)));
});

async function fetchAll() {
  const cache = await caches.open(FILES);
  await cache.addAll(TILL.files.map((path) => new Request(path, { cache: "reload" })));
  await (await caches.open(META)).put(NEWEST, new Response(TILL.version));
}

// --- versions --------------------------------------------------------------------------------------------------------
async function noted(name) {
  const kept = await (await caches.open(META)).match(name);
  return kept ? kept.text() : null;
}

const current = () => noted(CURRENT);
const newest = async () => (await noted(NEWEST)) ?? TILL.version;

async function versions() {
  return { till: "versions", current: await current(), newest: await newest() };
}

/** Serve the newest, if nothing is unsent. */
async function take() {
  const isTaken = await choose();
  return { ...(await versions()), isTaken };
}

async function choose() {
  const [served, wanted] = [await current(), await newest()];
  if (served === wanted) return true;
  const kept = served && (await caches.has(`till-files-${served}`));
  if (kept && (await unsent())) return false;
  const meta = await caches.open(META);
  await meta.put(CURRENT, new Response(wanted));
  await meta.delete(TILL.page);
  const old = (await caches.keys()).filter((name) => name.startsWith("till-files-") && name !== `till-files-${wanted}`);
  await Promise.all(old.map((name) => caches.delete(name)));
  return true;
}

async function tell() {
  const found = await versions();
  for (const client of await self.clients.matchAll()) client.postMessage(found);
}

/** How many sales wait in the queue; a database nobody opened yet has none, and must not be made here. */
async function unsent() {
  const there = indexedDB.databases ? (await indexedDB.databases()).some(({ name }) => name === "till-keep") : true;
  if (!there) return 0;
  return new Promise((resolve) => {
    const opening = indexedDB.open("till-keep");
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => resolve(0);
    opening.onsuccess = () => {
      const db = opening.result;
      if (!db.objectStoreNames.contains("queue")) {
        db.close();
        resolve(0);
        return;
      }
      const counting = db.transaction("queue").objectStore("queue").count();
      // Unsure is as good as unsent: the version stays.
      counting.onerror = () => resolve(1);
      counting.onsuccess = () => {
        db.close();
        resolve(counting.result);
      };
    };
  });
}

// --- what is served --------------------------------------------------------------------------------------------------
// The page itself: the server's when it answers and belongs to the version that is served; else the one that was kept.
async function page(request) {
  await choose();
  const meta = await caches.open(META);
  try {
    // By its address: a request of a navigation takes no limit in time.
    const answer = await fetch(request.url, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      await forget();
      return answer.redirected ? Response.redirect(answer.url) : answer;
    }
    const kept = await meta.match(TILL.page);
    if (!answer.ok) return kept && answer.status >= 500 ? kept : answer;
    const served = await current();
    if (answer.headers.get("X-Till-Version") !== served && kept) return kept;
    await meta.put(TILL.page, answer.clone());
    return answer;
  } catch (error) {
    const kept = await meta.match(TILL.page);
    if (kept) return kept;
    throw error;
  }
}

async function file(request, url) {
  const served = await current();
  const cache = served && (await caches.open(`till-files-${served}`));
  const kept = cache && (await cache.match(url.pathname));
  return kept ?? fetch(request);
}

async function photo(request) {
  const cache = await caches.open(PHOTOS);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) {
    await cache.put(request, answer.clone());
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, Math.max(keys.length - MOST_PHOTOS, 0)).map((key) => cache.delete(key)));
  }
  return answer;
}

/** Nobody is signed in any more: the page with a name on it and the pictures go; modules stay. */
async function forget() {
  await (await caches.open(META)).delete(TILL.page);
  await caches.delete(PHOTOS);
  return { till: "forgotten" };
}
