// Writes face-api.json: the results of face-api.js for the six photos of its npm package. FaceApiParityTests reads them.
//
// Run it with Node 20 in any empty folder:
//   npm install @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 @napi-rs/canvas@1.1.1
//   node <here>/make-golden.mjs
//
// Skia decodes the photos, as in IpuNet. face-api gets them as tensors, so it resizes them with TensorFlow's resizeBilinear
// (no half-pixel centres, no smoothing). pixelsSha256 shows if two decoders give the same bits.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'index.js'));
const folderOf = (name) => path.dirname(require.resolve(`${name}/package.json`));
const { createCanvas, loadImage } = require('@napi-rs/canvas');
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
const faceApiFolder = folderOf('@vladmandic/face-api');

const minConfidence = 0.5;
const round = (value, digits) => Number(value.toFixed(digits));

async function readPixels(file) {
  const image = await loadImage(readFileSync(file));
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const rgba = context.getImageData(0, 0, image.width, image.height).data;
  const rgb = new Uint8Array(image.width * image.height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return { width: image.width, height: image.height, rgb };
}

async function describe(name) {
  const { width, height, rgb } = await readPixels(path.join(faceApiFolder, 'demo', name));
  const photo = tf.tensor3d(Float32Array.from(rgb), [height, width, 3]);
  const found = await faceapi
    .detectAllFaces(photo, new faceapi.SsdMobilenetv1Options({ minConfidence }))
    .withFaceLandmarks()
    .withFaceDescriptors();
  photo.dispose();

  const faces = found.map(({ detection, landmarks, descriptor }) => {
    // The crop that face-api describes: its own upright alignment to the eyes and mouth, cut to the photo and to whole pixels.
    const crop = landmarks.align(null, { useDlibAlignment: true }).clipAtImageBorders(width, height);
    return {
      score: round(detection.score, 5),
      box: ['x', 'y', 'width', 'height'].map((side) => round(detection.box[side], 3)),
      landmarks: landmarks.positions.flatMap(({ x, y }) => [round(x, 3), round(y, 3)]),
      crop: ['x', 'y', 'width', 'height'].map((side) => crop[side]),
      descriptor: Array.from(descriptor, (value) => round(value, 6)),
    };
  });
  return { name, width, height, pixelsSha256: createHash('sha256').update(rgb).digest('hex'), faces };
}

wasm.setWasmPaths(path.join(folderOf('@tensorflow/tfjs-backend-wasm'), 'dist', path.sep));
await tf.setBackend('wasm');
await tf.ready();
for (const net of ['ssdMobilenetv1', 'faceLandmark68Net', 'faceRecognitionNet']) {
  await faceapi.nets[net].loadFromDisk(path.join(faceApiFolder, 'model'));
}

const photos = [];
for (let i = 1; i <= 6; i++) photos.push(await describe(`sample${i}.jpg`));

// With one face on a line, the file is easy to read, and its differences are small.
const lines = photos.map(({ faces, ...photo }) => {
  const faceLines = faces.map((face) => JSON.stringify(face)).join(',\n');
  return `{"photo":${JSON.stringify(photo)},"faces":[\n${faceLines}\n]}`;
});
const header = JSON.stringify({ faceApi: faceapi.version, tfjs: tf.version.tfjs, backend: tf.getBackend(), minConfidence }).slice(1, -1);
writeFileSync(path.join(import.meta.dirname, 'face-api.json'), `{${header},"photos":[\n${lines.join(',\n')}\n]}\n`);
