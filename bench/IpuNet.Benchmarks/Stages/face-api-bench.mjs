// Embeds faces with face-api.js several times, and prints the shortest time as JSON. Arguments: faces, repeats, threads.

import { createRequire } from 'node:module';
import path from 'node:path';

const [faces, repeats, threads] = process.argv.slice(2).map(Number);
const require = createRequire(path.join(process.cwd(), 'index.js'));
const folderOf = (name) => path.dirname(require.resolve(`${name}/package.json`));
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');

wasm.setWasmPaths(path.join(folderOf('@tensorflow/tfjs-backend-wasm'), 'dist', path.sep));
wasm.setThreadsCount(threads);
await tf.setBackend('wasm');
await tf.ready();
const net = faceapi.nets.faceRecognitionNet;
await net.loadFromDisk(path.join(folderOf('@vladmandic/face-api'), 'model'));

const side = 150;
const batch = Array.from({ length: faces }, () =>
  tf.tensor3d(Float32Array.from({ length: side * side * 3 }, () => Math.random() * 255), [side, side, 3]));
let seconds = Infinity;
for (let i = 0; i <= repeats; i++) {
  const start = performance.now();
  const descriptors = await net.computeFaceDescriptor(batch);
  if (descriptors.length !== faces) throw new Error(`${descriptors.length} descriptors for ${faces} faces`);
  // The first run is a warm-up and does not count.
  if (i > 0) seconds = Math.min(seconds, (performance.now() - start) / 1000);
}

let used = 1;
try { used = wasm.getThreadsCount(); } catch { /* a build without threads */ }
console.log(JSON.stringify({ faceApi: faceapi.version, tfjs: tf.version.tfjs, backend: tf.getBackend(), threads: used, seconds }));
process.exit(0);
