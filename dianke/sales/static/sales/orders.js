// Steppers beside quantities, and the sheet of lines: what is typed goes to the server a moment later and comes back priced.

const number = (text) => Number(String(text).normalize("NFKC").replaceAll(/[,，]/g, "").replace("。", ".")) || 0;
const written = (value) => String(Math.round(value * 10000) / 10000);

function put(field, value) {
  const most = field.dataset.most ? number(field.dataset.most) : Infinity;
  field.value = written(Math.min(Math.max(value, 0), most));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

let later;
const tell = (field) => {
  clearTimeout(later);
  // Pressed several times in a row it is one change.
  later = setTimeout(() => field.isConnected && field.dispatchEvent(new Event("change", { bubbles: true })), 300);
};

// What was added is taken out of the search field, which keeps the focus for the next one.
let isLooking = false;
document.addEventListener("htmx:after:settle", () => {
  const field = document.querySelector("[data-od-code]");
  if (!isLooking || !field) return;
  isLooking = false;
  field.value = field.getAttribute("value") ?? "";
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-od-look], [name=add]")) isLooking = true;
  const button = event.target.closest("[data-od-step]");
  if (button) {
    const field = button.parentElement.querySelector("input");
    put(field, number(field.value) + number(button.dataset.odStep));
    tell(field);
    return;
  }
  if (!event.target.closest("[data-od-all]")) return;
  const fields = document.querySelectorAll(".od-picks input[data-most]");
  for (const field of fields) put(field, number(field.dataset.most));
  if (fields.length) tell(fields[0]);
});

// What was searched for is added by its own button, and is no change of the sheet.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-od-code], #od-who, #od-parts, [data-od-sheet] textarea")) event.stopPropagation();
}, true);
