// Buttons of the builder post as a change does, so that the page stays where it is and the newest answer wins.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sg-act]");
  const form = button?.form;
  if (!form || !window.htmx) return;
  event.preventDefault();
  window.htmx.ajax("POST", form.getAttribute("hx-post"), {
    source: form,
    target: "#sg-body",
    select: "#sg-body",
    swap: "outerMorph",
    values: { act: button.value },
  });
});
