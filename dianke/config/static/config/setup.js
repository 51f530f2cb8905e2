// Fills a sign-in name or a store code from what was typed before it, until somebody types one.
for (const field of document.querySelectorAll("input[data-suggest]")) {
  const source = field.form.elements.namedItem(field.dataset.suggest);
  let suggested = field.value;
  const suggest = async () => {
    if (!source.value.trim() || (field.value && field.value !== suggested)) return;
    const query = new URLSearchParams({ [source.name]: source.value });
    const answer = await fetch(`/setup/suggest/?${query}`).catch(() => null);
    if (!answer?.ok || (field.value && field.value !== suggested)) return;
    suggested = (await answer.json()).text;
    field.value = suggested;
  };
  source.addEventListener("change", suggest);
  if (!field.value) suggest();
}
