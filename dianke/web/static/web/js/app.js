// Starts the behaviours. Each listens on the document and acts on data attributes, so that what htmx brings in later
// works without being told.
import "./requests.js";
import "./dialogs.js";
import "./toasts.js";
import "./forms.js";
import "./menus.js";
import "./palette.js";
import "./scan.js"; // before the keys: it tells a scan from them
import "./keys.js";
import "./lists.js";
import "./small.js";
import "./charts.js";

if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => navigator.serviceWorker.register("/service-worker.js").catch(() => {}));
}
