// Secrets at rest. What is personal (members met lately, baskets, queued sales) lies in IndexedDB only sealed, with a
// key that the browser keeps and gives to nobody, not even to this page; what leaves the till in a file is sealed with a
// password. Both AES-GCM with 256 bits and a fresh nonce. A page without a secure context has no WebCrypto: there nothing
// personal is kept at all.

const ROUNDS = 600_000;
const FORMAT = "dianke-till-queue";
const text = new TextEncoder();
const read = new TextDecoder();

export function canSeal() {
  return Boolean(globalThis.crypto?.subtle);
}

/** A key that can be stored, used, and never read. */
export function newKey() {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

export async function seal(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text.encode(JSON.stringify(value)));
  return { iv, data };
}

/** Throws what WebCrypto throws for a wrong key or a changed text. */
export async function unseal(key, { iv, data }) {
  return JSON.parse(read.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data)));
}

async function keyOf(password, salt, rounds) {
  const base = await crypto.subtle.importKey("raw", text.encode(password.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** A file only the password opens: JSON with salt, nonce and the sealed content in base64. */
export async function sealFile(content, password, rounds = ROUNDS) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const { iv, data } = await seal(await keyOf(password, salt, rounds), content);
  const whole = {
    format: FORMAT,
    version: 1,
    kdf: { name: "PBKDF2", hash: "SHA-256", iterations: rounds, salt: toBase64(salt) },
    cipher: { name: "AES-GCM", iv: toBase64(iv) },
    data: toBase64(new Uint8Array(data)),
  };
  return new Blob([JSON.stringify(whole)], { type: "application/json" });
}

/** What such a file holds. Throws `SealBroken` ("not_ours", "password"). */
export async function openFile(blob, password) {
  let whole;
  try {
    whole = JSON.parse(await blob.text());
  } catch {
    throw new SealBroken("not_ours");
  }
  if (whole?.format !== FORMAT || whole.version !== 1) throw new SealBroken("not_ours");
  try {
    const key = await keyOf(password, fromBase64(whole.kdf.salt), whole.kdf.iterations);
    return await unseal(key, { iv: fromBase64(whole.cipher.iv), data: fromBase64(whole.data) });
  } catch {
    throw new SealBroken("password");
  }
}

export class SealBroken extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function toBase64(bytes) {
  let found = "";
  for (let at = 0; at < bytes.length; at += 0x8000) found += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(found);
}

function fromBase64(found) {
  return Uint8Array.from(atob(found), (char) => char.codePointAt(0));
}
