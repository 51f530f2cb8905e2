// Draws <figure data-chart="id"> from the options in <script type="application/json" id="id">, when it comes into view.
// Colours come from the design tokens, so charts follow light and dark.
import { texts } from "./texts.js";

const drawn = new Map();
let library;

function load() {
  const base = new URL("../../vendor/echarts.js", import.meta.url);
  library ??= import(base.href).then(() => globalThis.echarts);
  return library;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--dk-${name}`).trim();
  return {
    series: [1, 2, 3, 4, 5, 6].map((number) => token(`chart-${number}`)),
    text: token("text"), quiet: token("text-2"), line: token("line"), strong: token("line-strong"), surface: token("surface"), font: token("font"),
  };
}

function themed(option) {
  const c = colours();
  const axis = (one) => ({
    axisLine: { lineStyle: { color: c.strong } }, axisTick: { show: false }, splitLine: { lineStyle: { color: c.line } },
    nameTextStyle: { color: c.quiet, fontSize: 12 }, ...one, axisLabel: { color: c.quiet, fontSize: 12, ...one.axisLabel },
  });
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    color: c.series, animation: !reduced, animationDuration: 120,
    textStyle: { fontFamily: c.font, color: c.text },
    ...option,
    series: option.series.map((one) => (one.type === "pie" ? { label: { color: c.text }, labelLine: { lineStyle: { color: c.strong } }, ...one } : one)),
    xAxis: option.xAxis && axis(option.xAxis), yAxis: option.yAxis && axis(option.yAxis),
    legend: option.legend && { textStyle: { color: c.quiet }, inactiveColor: c.strong, ...option.legend },
    // Rich text is drawn on the canvas: no markup with style attributes, which the content policy forbids.
    tooltip: { renderMode: "richText", backgroundColor: c.surface, borderColor: c.strong, textStyle: { color: c.text, fontSize: 13 }, confine: true, ...option.tooltip },
  };
}

async function draw(figure) {
  const source = document.getElementById(figure.dataset.chart);
  const place = figure.querySelector(".dk-chart-canvas");
  if (!source || !place) return;
  try {
    const echarts = await load();
    const option = JSON.parse(source.textContent);
    drawn.get(figure)?.dispose();
    const chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(themed(option));
    chart.on("click", (event) => {
      const url = event.data?.url ?? option.links?.[event.dataIndex];
      if (url) location.href = url;
    });
    drawn.set(figure, chart);
    new ResizeObserver(() => chart.resize()).observe(place);
  } catch (error) {
    console.error(error);
    place.textContent = texts.noChart;
    figure.querySelector("details")?.setAttribute("open", "");
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "200px" });

const look = () => {
  for (const [figure, chart] of drawn) {
    if (!figure.isConnected) {
      chart.dispose();
      drawn.delete(figure);
    }
  }
  for (const figure of document.querySelectorAll("[data-chart]")) if (!drawn.has(figure)) seen.observe(figure);
};
document.addEventListener("htmx:after:settle", look);
document.addEventListener("dk:theme", () => drawn.forEach((_chart, figure) => draw(figure)));
look();
