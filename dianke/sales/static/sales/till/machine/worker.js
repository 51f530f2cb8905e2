// The page's side of the service worker (sw.js): registers it, knows which version is served and whether a newer one
// waits for the queue to be empty.

export class Versions extends EventTarget {
  /** {current, newest}: what is served, and what is ready. */
  state = { current: null, newest: null, isWaiting: false };

  async start({ sw, self }) {
    if (!("serviceWorker" in navigator) || !isSecureContext) return;
    navigator.serviceWorker.addEventListener("message", (event) => {
      if (event.data?.till === "versions") this.#set(event.data);
    });
    const registration = await navigator.serviceWorker.register(sw, { scope: self, updateViaCache: "none" });
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", () => this.ask()));
    await navigator.serviceWorker.ready;
    await this.ask();
    setInterval(() => registration.update().then(() => this.ask()).catch(() => {}), 10 * 60_000);
  }

  async ask() {
    const answer = await this.#tell("versions");
    if (answer) this.#set(answer);
  }

  /** Serve the newest from the next page on, if nothing is unsent. Answers whether it does. */
  async take() {
    const answer = await this.#tell("take");
    if (answer) this.#set(answer);
    return Boolean(answer?.isTaken);
  }

  /** Nobody is signed in any more: the kept page goes. */
  forget() {
    return this.#tell("forget");
  }

  #set({ current, newest }) {
    this.state = { current, newest, isWaiting: Boolean(newest && current && newest !== current) };
    this.dispatchEvent(new Event("change"));
  }

  async #tell(what) {
    const worker = navigator.serviceWorker?.controller ?? (await navigator.serviceWorker?.getRegistration())?.active;
    if (!worker) return null;
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => {
      port1.onmessage = (event) => resolve(event.data);
      setTimeout(() => resolve(null), 3000);
    });
    worker.postMessage(what, [port2]);
    return answered;
  }
}
