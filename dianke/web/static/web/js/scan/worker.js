// Reads the codes in a picture. It runs apart because its own content policy lets it compile the library (WebAssembly),
// which that of the pages does not.
/* global ZXingWASM */
importScripts(new URL("../../../vendor/zxing.js", self.location.href).href);

ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => new URL("../../../vendor/zxing.wasm", self.location.href).href } });

const OPTIONS = {
  formats: ["EAN13", "EAN8", "UPCA", "UPCE", "Code128", "Code39", "ITF", "QRCode"],
  tryHarder: true,
  maxNumberOfSymbols: 1,
};

self.onmessage = async ({ data: { width, height, data } }) => {
  const picture = new ImageData(new Uint8ClampedArray(data), width, height);
  const found = await ZXingWASM.readBarcodes(picture, OPTIONS);
  self.postMessage(found.filter((one) => one.isValid).map((one) => ({ text: one.text, format: one.format })));
};
