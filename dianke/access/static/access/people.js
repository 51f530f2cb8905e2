// Passkeys, the eye that shows a typed password, and the pad for PINs. Loaded by the pages that have them.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: bytes(item.id) }));

const ceremonies = {
  async create(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: withBytes(options.excludeCredentials),
      },
    });
    return {
      attestationObject: text(made.response.attestationObject),
      clientDataJSON: text(made.response.clientDataJSON),
      made,
    };
  },
  async get(options) {
    const made = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: withBytes(options.allowCredentials),
      },
    });
    return {
      authenticatorData: text(made.response.authenticatorData),
      clientDataJSON: text(made.response.clientDataJSON),
      signature: text(made.response.signature),
      userHandle: made.response.userHandle ? text(made.response.userHandle) : null,
      made,
    };
  },
};

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const problem = form.querySelector("[data-passkey-error]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const token = form.elements.namedItem("csrfmiddlewaretoken").value;
      const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": token } });
      if (!answer.ok) throw new Error(answer.statusText);
      const { made, ...response } = await ceremonies[form.dataset.passkey](await answer.json());
      form.elements.namedItem(form.dataset.credential ?? "credential").value = JSON.stringify({
        id: made.id,
        rawId: text(made.rawId),
        type: made.type,
        authenticatorAttachment: made.authenticatorAttachment,
        clientExtensionResults: made.getClientExtensionResults(),
        response,
      });
      form.submit();
    } catch {
      // The person closed the dialogue, the device has no passkey, or the network is down: all are answered by
      // offering the other ways again.
      problem.hidden = false;
    }
  });
}

const EYE =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2.500 12C5 7.500 8.200 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.700 6.500-9.500 6.500S5 16.500 2.500 12z"/><circle cx="12" cy="12" r="2.750"/><path class="acc-slash" d="M4 4l16 16"/></svg>';

for (const field of document.querySelectorAll("input[data-shown]")) {
  const wrap = document.createElement("div");
  wrap.className = "acc-secret-field";
  const hadFocus = document.activeElement === field || field.autofocus;
  field.replaceWith(wrap);
  const eye = document.createElement("button");
  eye.type = "button";
  eye.className = "acc-eye";
  eye.setAttribute("aria-pressed", "false");
  eye.setAttribute("aria-label", field.dataset.shown);
  eye.innerHTML = EYE;
  wrap.append(field, eye);
  eye.addEventListener("click", () => {
    const isHidden = field.type === "password";
    field.type = isHidden ? "text" : "password";
    eye.setAttribute("aria-pressed", String(isHidden));
    field.focus();
  });
  if (hadFocus) field.focus();
}

for (const pad of document.querySelectorAll("[data-pinpad]")) {
  const field = pad.elements.namedItem("pin");
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit], [data-erase]");
    if (!key) return;
    if ("erase" in key.dataset) field.value = field.value.slice(0, -1);
    else if (field.value.length < field.maxLength) field.value += key.dataset.digit;
  });
  // Digits typed while a pad button has the focus belong to the PIN as well.
  document.addEventListener("keydown", (event) => {
    if (event.target === field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key) && field.value.length < field.maxLength) field.value += event.key;
    else if (event.key === "Backspace") field.value = field.value.slice(0, -1);
    else return;
    event.preventDefault();
  });
}
