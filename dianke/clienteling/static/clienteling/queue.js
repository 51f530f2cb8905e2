// The contact list: copy the words as they stand in their field, and dial as soon as the number is shown.
import { texts } from "../web/js/texts.js";
import { toast } from "../web/js/toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-cl-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.form.elements.body.value);
    toast(texts.copied);
  } catch {
    toast(texts.copyFailed);
  }
});

// One tap: the number was revealed for this call, so a telephone takes it at once. The link stays for another try.
if (matchMedia("(pointer: coarse)").matches) new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      const link = node.nodeType === Node.ELEMENT_NODE && node.closest("[data-cl-dial]") && node.querySelector('a[href^="tel:"]');
      if (link) link.click();
    }
  }
}).observe(document.body, { childList: true, subtree: true });
