// Talks to the server: JSON, the session of the browser with its CSRF token, a limit in time, and from every answer what
// the clock of the server says. A refusal says code, message and field; no answer at all is `Unreachable`.
import { skewOf } from "./rules.js";

const PATIENCE = 12_000;

/** The server answered and said no. */
export class Refusal extends Error {
  constructor({ code, detail, status = 0, field = "", errors = [], values = {} }) {
    super(detail || code);
    Object.assign(this, { code, status, field, errors, values });
  }

  get problem() {
    return { code: this.code, message: this.message, field: this.field };
  }
}

/** Nobody answered, or not in time: whether the server did what was asked is unknown. */
export class Unreachable extends Error {}

export class Api extends EventTarget {
  #boot;
  online = navigator.onLine !== false;
  /** Milliseconds this device's clock is ahead. */
  skew = 0;
  isSignedOut = false;

  constructor(boot) {
    super();
    this.#boot = boot;
    addEventListener("offline", () => this.#reached(false));
    addEventListener("online", () => this.ask().catch(() => {}));
  }

  /** The time by the server's clock. */
  now() {
    return Date.now() - this.skew;
  }

  get(path, query = {}, options = {}) {
    const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value != null && value !== ""));
    return this.#send("GET", `${path}${asked.size ? `?${asked}` : ""}`, undefined, options);
  }

  post(path, body = {}, options = {}) {
    return this.#send("POST", path, body, options);
  }

  put(path, body = {}, options = {}) {
    return this.#send("PUT", path, body, options);
  }

  /** Whether the server can be reached again; cheap. */
  ask() {
    return this.get("/till/pulse", {}, { patience: 5_000 });
  }

  async #send(method, path, body, { patience = PATIENCE, raw = false } = {}) {
    const sentAt = Date.now();
    let answer;
    try {
      answer = await fetch(this.#boot.api + path, {
        method,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        headers: {
          Accept: "application/json",
          "Accept-Language": this.#boot.language,
          ...(body === undefined ? {} : { "Content-Type": "application/json", "X-CSRFToken": this.#csrf() }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
      });
    } catch (error) {
      this.#reached(false);
      throw new Unreachable(String(error));
    }
    this.#clock(sentAt, answer);
    return this.#read(answer, raw);
  }

  async #read(answer, raw) {
    let content;
    try {
      content = raw && answer.ok ? await answer.blob() : await answer.text();
    } catch (error) {
      this.#reached(false);
      throw new Unreachable(String(error));
    }
    const isProblem = (answer.headers.get("Content-Type") ?? "").includes("json");
    // What stands in front of the server answers for it when it is down, in no language of ours.
    if (!answer.ok && !isProblem) {
      this.#reached(false);
      throw new Unreachable(`status ${answer.status}`);
    }
    this.#reached(true);
    this.isSignedOut = answer.status === 401;
    if (answer.ok) return raw ? content : content ? JSON.parse(content) : null;
    const found = JSON.parse(content);
    const [first] = found.errors ?? [];
    throw new Refusal({ code: found.code, detail: first?.message ?? found.detail, status: answer.status, field: first?.field, errors: found.errors });
  }

  // The token changes when somebody signs in; the cookie always has the present one.
  #csrf() {
    const name = `${this.#boot.csrf_cookie}=`;
    const found = document.cookie.split("; ").find((part) => part.startsWith(name));
    return found ? decodeURIComponent(found.slice(name.length)) : "";
  }

  #clock(sentAt, answer) {
    const found = skewOf({ sentAt, receivedAt: Date.now(), serverAt: Date.parse(answer.headers.get("Date") ?? "") });
    if (found !== null) this.skew = found;
  }

  #reached(isOnline) {
    if (this.online === isOnline) return;
    this.online = isOnline;
    this.dispatchEvent(new Event("line"));
  }
}
