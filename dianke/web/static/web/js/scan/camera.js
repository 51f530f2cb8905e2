// The sheet with the camera's picture: reads codes until it is closed, each once while it stays in sight. The browser
// reads them itself where it can; else a worker does with the library, which is loaded only then.
import { texts } from "../texts.js";

const NATIVE = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code"];
const SAME = 1500;
const PAUSE = 90;
const MOST_PIXELS = 1280;

let sheet;
let sound;

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

async function styled() {
  const href = new URL("../../css/scan.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = element("link");
  link.rel = "stylesheet";
  link.href = href;
  await new Promise((done) => {
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

function build() {
  const dialog = element("dialog", "dk-dialog dk-camera");
  dialog.setAttribute("aria-labelledby", "dk-camera-title");
  const body = element("div");
  const head = element("div", "dk-sheet-head");
  const title = element("h2", "", texts.scanCamera);
  title.id = "dk-camera-title";
  const away = element("button", "dk-round dk-camera-close", "×");
  away.type = "button";
  away.setAttribute("aria-label", texts.close);
  away.addEventListener("click", () => dialog.close());
  head.append(title, away);
  const view = element("div", "dk-camera-view");
  const video = element("video");
  video.muted = true;
  video.playsInline = true;
  video.setAttribute("aria-hidden", "true");
  view.append(video, element("div", "dk-camera-frame"));
  const foot = element("div", "dk-camera-foot");
  const said = element("p", "dk-camera-said", texts.scanHint);
  said.setAttribute("role", "status");
  const light = element("button", "btn", texts.scanLight);
  light.type = "button";
  light.hidden = true;
  light.setAttribute("aria-pressed", "false");
  foot.append(said, light);
  body.append(head, view, foot);
  dialog.append(body);
  document.body.append(dialog);
  return { dialog, video, view, said, light };
}

function beep(good) {
  navigator.vibrate?.(good ? 60 : [60, 60, 60]);
  try {
    sound ??= new AudioContext();
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = good ? 1760 : 330;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + (good ? 0.08 : 0.25));
  } catch {
    // Without sound the sheet still says it.
  }
}

/** Reads with what the browser brings, or null. */
async function nativeReader() {
  try {
    const known = await globalThis.BarcodeDetector?.getSupportedFormats();
    if (!known?.includes("ean_13") || !known.includes("code_128")) return null;
    const detector = new BarcodeDetector({ formats: NATIVE.filter((format) => known.includes(format)) });
    return { read: async (video) => (await detector.detect(video)).map((found) => ({ text: found.rawValue, format: found.format })), close() {} };
  } catch {
    return null;
  }
}

/** Reads with the library, in a worker: only there may it be compiled. */
function libraryReader() {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let answer;
  worker.onmessage = (event) => answer?.resolve(event.data);
  worker.onerror = (event) => answer?.reject(new Error(event.message));
  return {
    read(video) {
      const scale = Math.min(1, MOST_PIXELS / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = context.getImageData(0, 0, canvas.width, canvas.height);
      return new Promise((resolve, reject) => {
        answer = { resolve, reject };
        worker.postMessage({ width: picture.width, height: picture.height, data: picture.data.buffer }, [picture.data.buffer]);
      });
    },
    close: () => worker.terminate(),
  };
}

function whyNot(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return texts.scanDenied;
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return texts.scanNoCamera;
  return texts.scanFailed;
}

async function lamp(stream, light) {
  const [track] = stream.getVideoTracks();
  light.hidden = !track.getCapabilities?.().torch;
  light.onclick = async () => {
    const on = light.getAttribute("aria-pressed") !== "true";
    await track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
    light.setAttribute("aria-pressed", String(on));
  };
}

/** Opens the sheet for `field`; every code goes to `accept`. `current` finds the field when the page replaced it. */
export async function open(field, accept, current) {
  await styled();
  sheet ??= build();
  const { dialog, video, view, said, light } = sheet;
  if (dialog.open) return;
  const opener = document.activeElement;
  said.textContent = texts.scanHint;
  delete view.dataset.state;
  dialog.showModal();
  let stream = null;
  let reader = null;
  let running = true;
  const told = (event) => {
    said.textContent = event.detail.text;
    view.dataset.state = event.detail.good ? "good" : "bad";
    if (!event.detail.good) beep(false);
  };
  document.addEventListener("dk:scanned", told);
  dialog.addEventListener("close", () => {
    running = false;
    document.removeEventListener("dk:scanned", told);
    for (const track of stream?.getTracks() ?? []) track.stop();
    reader?.close();
    video.srcObject = null;
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  }, { once: true });
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false });
    if (!running) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    said.textContent = whyNot(error);
    view.dataset.state = "bad";
    return;
  }
  lamp(stream, light);
  reader = (await nativeReader()) ?? libraryReader();
  let last = "";
  let seen = 0;
  let doubtful = "";
  while (running) {
    let found = [];
    try {
      if (video.videoWidth) found = await reader.read(video);
    } catch (error) {
      // Some browsers name a detector and cannot read with it.
      reader.close();
      if (reader.isLibrary) {
        console.error(error);
        said.textContent = texts.scanFailed;
        view.dataset.state = "bad";
        return;
      }
      reader = Object.assign(libraryReader(), { isLibrary: true });
    }
    const [code] = found;
    if (running && code?.text) {
      const now = performance.now();
      const isNew = code.text !== last || now - seen > SAME;
      // Interleaved codes have no check digit of their own: they are believed when they were seen twice.
      const isSure = !/itf/i.test(code.format) || doubtful === code.text;
      doubtful = code.text;
      if (isSure) {
        [last, seen] = [code.text, now];
        if (isNew) {
          beep(true);
          said.textContent = code.text;
          view.dataset.state = "read";
          const target = field.isConnected && field.checkVisibility() ? field : current() ?? field;
          accept(target, code.text);
        }
      }
    }
    await new Promise((next) => setTimeout(next, PAUSE));
  }
}
