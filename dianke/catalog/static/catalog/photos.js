// Photos are put in order by dragging: what is let go before another takes its place. The arrows do the same without.
let held = null;

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-shelf] > li");
  if (!held) return;
  held.classList.add("is-held");
  event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-shelf] > li");
  if (!held || !over || over.parentElement !== held.parentElement) return;
  event.preventDefault();
  if (over === held) return;
  const box = over.getBoundingClientRect();
  over.parentElement.insertBefore(held, event.clientX > box.left + box.width / 2 ? over.nextSibling : over);
});

document.addEventListener("drop", (event) => {
  if (held && event.target.closest?.("[data-shelf]")) event.preventDefault();
});

document.addEventListener("dragend", () => {
  if (!held) return;
  held.classList.remove("is-held");
  const form = held.querySelector("form");
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "position";
  field.value = [...held.parentElement.children].indexOf(held);
  form.append(field);
  held = null;
  form.submit();
});
