// Reads every .pkpass of a folder with two published readers and prints what each refuses or loses.
//
// A reader accepts a pass when it raises nothing, warns of nothing and gives back all it was given. One line of
// JSON per pass: {"pass": name, "pass-js": [faults], "passkit-generator": [faults]}.
"use strict";

const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const { isDeepStrictEqual } = require("node:util");
const { Template } = require("@walletpass/pass-js");
const { unzipBuffer } = require("@walletpass/pass-js/dist/lib/yazul-promisified");
const { PKPass } = require("passkit-generator");

// What pass-js, which is older than they are, does not know.
const TOO_NEW = new Set(["semantics", "featuredActions", "formatVersion"]);
const STYLES = ["storeCard", "coupon"];

const warnings = [];
console.warn = (...said) => warnings.push(said.map(String).join(" "));

async function unzipped(archive) {
  const files = {};
  const zip = await unzipBuffer(archive);
  for await (const entry of zip) files[entry.fileName] = await zip.getBuffer(entry);
  return files;
}

function differences(what, given, read) {
  if (isDeepStrictEqual(given, read)) return [];
  return [`${what}: ${JSON.stringify(given)} was read as ${JSON.stringify(read)}`];
}

// Both turn dates into Date and write them in forms of their own, pass-js without seconds: minutes are compared.
function plain(value, key) {
  if (typeof value === "string" && (key === "value" || key === "expirationDate")) {
    return /^\d{4}-\d\d-\d\dT/.test(value) ? Math.floor(Date.parse(value) / 60000) : value;
  }
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, name)]));
  }
  return value;
}

async function passJs(archive, given, files) {
  const template = await Template.fromBuffer(archive, { allowHttp: true });
  template.images.validate();
  const read = JSON.parse(JSON.stringify(template));
  const faults = Object.keys(given)
    .filter((key) => !TOO_NEW.has(key))
    // It takes contactless for something of store cards alone.
    .filter((key) => key !== "nfc" || given.storeCard)
    .flatMap((key) => differences(key, plain(given[key], key), plain(read[key], key)));
  const pictures = Object.keys(files).filter((name) => name.endsWith(".png")).sort();
  return [...faults, ...differences("pictures", pictures, [...template.images.keys()].sort())];
}

async function passkitGenerator(given, files) {
  const { "manifest.json": manifest, signature, ...content } = files;
  const pass = new PKPass(content);
  const faults = Object.keys(given).flatMap((key) => {
    const read = pass.props[key];
    if (!STYLES.includes(key)) return differences(key, plain(given[key], key), plain(read, key));
    return Object.keys(given[key]).flatMap((role) => differences(role, given[key][role], [...read[role]]));
  });
  return [...faults, ...differences("languages", ["de", "en"], pass.languages.sort())];
}

async function attempt(read) {
  warnings.length = 0;
  try {
    return [...(await read()), ...warnings];
  } catch (error) {
    return [`${error.name}: ${error.message}`, ...warnings];
  }
}

async function main(folder) {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".pkpass")).sort()) {
    const archive = readFileSync(join(folder, name));
    const files = await unzipped(archive);
    const given = JSON.parse(files["pass.json"].toString("utf8"));
    const verdict = {
      pass: name,
      "pass-js": await attempt(() => passJs(archive, given, files)),
      "passkit-generator": await attempt(() => passkitGenerator(given, files)),
    };
    console.log(JSON.stringify(verdict));
  }
}

main(process.argv[2]);
