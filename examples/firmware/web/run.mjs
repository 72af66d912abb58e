// Runs the programs in Node: node web/run.mjs target/wasm32-unknown-unknown/release/web.wasm
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
for (const program of ["kalman", "magnetometer", "load_cell", "thermocouple", "iris"]) {
  const differing = instance.exports[program]();
  console.log(`${program}: ${differing === 0 ? "as on the host" : `${differing} results differ from the host's`}`);
  if (differing !== 0) process.exitCode = 1;
}
