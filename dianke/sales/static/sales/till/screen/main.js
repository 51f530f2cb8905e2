// Opens the till in #till: the machine first, then the screen over it. Modules are fetched inside, so that one that is
// missing is said instead of leaving an empty page.
import { bringIcons } from "./icons.js";
import { say } from "./texts.js";

const place = document.getElementById("till");

try {
  const [{ openTill }, { Desk }] = await Promise.all([import("../machine/till.js"), import("./desk.js"), import("./app.js"), bringIcons()]);
  const boot = JSON.parse(document.getElementById("till-boot").textContent);
  const screen = document.createElement("dk-till");
  screen.till = new Desk(await openTill(boot), boot);
  place.replaceChildren(screen);
  place.removeAttribute("aria-busy");
} catch (error) {
  const text = document.createElement("p");
  text.className = "dk-alert is-bad";
  text.setAttribute("role", "alert");
  text.textContent = say("cannot_open");
  place.replaceChildren(text);
  throw error;
}
