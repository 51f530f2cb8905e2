// The one place that names where lit lies.
export * from "../../../vendor/till/lit.js";
