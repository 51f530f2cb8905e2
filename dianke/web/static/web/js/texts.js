// Texts in the language of the page, from <script type="application/json" id="dk-texts">.
const element = document.getElementById("dk-texts");
export const texts = element ? JSON.parse(element.textContent) : {};
