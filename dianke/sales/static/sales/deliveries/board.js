// The planner's board: a card dragged onto a crew chooses that crew in the card's own field, which sends itself. Who does
// not drag uses the field.
let dragged = null;

const laneOf = (event) => event.target.closest?.("[data-dl-lane]");
const clear = () => {
  for (const lane of document.querySelectorAll("[data-dl-lane].is-over")) lane.classList.remove("is-over");
};

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-dl-card]");
  if (!dragged) return;
  dragged.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.getAttribute("aria-label") ?? "");
});

document.addEventListener("dragover", (event) => {
  const lane = dragged && laneOf(event);
  if (!lane) return;
  event.preventDefault();
  if (lane.classList.contains("is-over")) return;
  clear();
  lane.classList.add("is-over");
});

document.addEventListener("drop", (event) => {
  const lane = dragged && laneOf(event);
  if (!lane) return;
  event.preventDefault();
  const field = dragged.querySelector("select[name=crew]");
  if (!field || field.value === lane.dataset.dlLane) return;
  field.value = lane.dataset.dlLane;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  clear();
});
