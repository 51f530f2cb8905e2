// Lines with steppers: [data-step] changes the number beside it. In [data-arrivals] each line says what is missing or too
// many and asks why; [data-all-arrived] takes everything as sent. A scan finds its line by data-codes.
const texts = () => document.getElementById("fl-texts")?.dataset ?? {};
const read = (field) => (field.value.trim() === "" ? null : Number(field.value.normalize("NFKC").replace(",", "")));
const write = (field, value) => {
  field.value = String(Math.round(value * 10000) / 10000);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("click", (event) => {
  const stepper = event.target.closest("[data-step]");
  if (stepper) {
    const field = stepper.parentElement.querySelector("input");
    write(field, Math.max(0, (read(field) || 0) + Number(stepper.dataset.step)));
    return;
  }
  if (event.target.closest("[data-all-arrived]")) {
    for (const line of document.querySelectorAll("[data-arrival]")) {
      const [good, damaged] = line.querySelectorAll(".fl-stepper input");
      write(good, Math.max(0, Number(line.dataset.wanted) - (read(damaged) || 0)));
    }
  }
});

// --- what came ---
function judge(line) {
  const [good, damaged] = line.querySelectorAll(".fl-stepper input");
  const came = read(good);
  const left = came === null ? 0 : Math.round((Number(line.dataset.wanted) - came - (read(damaged) || 0)) * 10000) / 10000;
  for (const [name, is] of [["short", left > 0], ["more", left < 0]]) {
    const box = line.querySelector(`[data-${name}]`);
    box.hidden = !is;
    box.querySelector("[data-left]").textContent = String(Math.abs(left));
    if (!is) box.querySelector("select").value = "";
  }
  line.classList.toggle("is-checked", came !== null && left === 0);
  line.classList.toggle("is-off", came !== null && left !== 0);
}

function progress() {
  const lines = [...document.querySelectorAll("[data-arrival]")];
  const place = document.querySelector("[data-progress]:not(template)");
  if (!lines.length || !place) return;
  const checked = lines.filter((line) => line.matches(".is-checked, .is-off")).length;
  place.textContent = texts().progress.replace("%n", checked).replace("%m", lines.length);
}

document.addEventListener("input", (event) => {
  const line = event.target.closest("[data-arrival]");
  if (!line) return;
  if (event.target.matches(".fl-stepper input")) judge(line);
  progress();
});

for (const line of document.querySelectorAll("[data-arrival]")) judge(line);
progress();

// --- a scan finds its line ---
const packed = new Map();

document.addEventListener("dk:scan", (event) => {
  if (!document.querySelector("[data-line]")) return;
  event.preventDefault();
  const code = event.detail.code;
  const fits = [...document.querySelectorAll("[data-line]")].filter((line) => line.dataset.codes.toLowerCase().split(" ").includes(code.toLowerCase()));
  // Of several lines of the same goods the first that still lacks something.
  const line = fits.find((one) => count(one) < Number(one.dataset.wanted)) ?? fits[0];
  const said = document.querySelector("[data-said]");
  const tell = (text, good) => {
    said.textContent = text;
    said.classList.toggle("t-danger", !good);
    event.target.dispatchEvent(new CustomEvent("dk:scanned", { bubbles: true, detail: { text, good } }));
  };
  for (const hit of document.querySelectorAll(".is-hit")) hit.classList.remove("is-hit");
  if (!line) {
    tell(texts().unknown.replace("%s", code), false);
    return;
  }
  const name = line.querySelector(".fl-name").textContent.trim();
  const is = count(line) + 1;
  if (line.dataset.arrival !== undefined) write(line.querySelector(".fl-stepper input"), is);
  else {
    packed.set(line, is);
    line.querySelector("[data-packed]").textContent = texts().packed.replace("%n", is).replace("%m", line.dataset.wanted);
  }
  line.classList.add("is-hit");
  line.scrollIntoView({ block: "nearest" });
  const isFull = is > Number(line.dataset.wanted);
  tell((isFull ? texts().full : texts().one).replace("%s", `${name} (${is})`), !isFull);
});

function count(line) {
  return line.dataset.arrival !== undefined ? read(line.querySelector(".fl-stepper input")) || 0 : packed.get(line) ?? 0;
}
