// A client that knows only docs/contract.md and HTTP. It enrols a face, has it recognised, and deletes it.
// Arguments: address of the blobs, address of the queues, a shared access signature, a picture of a face.
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

const [blobs, queues, access, picture] = process.argv.slice(2);
const deadline = Date.now() + 120_000;
const pause = ms => new Promise(done => setTimeout(done, ms));

async function send(method, address, body, headers = {}) {
  const response = await fetch(`${address}${address.includes('?') ? '&' : '?'}${access}`, { method, body, headers });
  if (!response.ok && response.status !== 404) throw new Error(`${method} ${address}: ${response.status} ${await response.text()}`);
  return response;
}

const upload = (name, file, metadata) => send('PUT', `${blobs}/${name}`, file, {
  'x-ms-blob-type': 'BlockBlob',
  ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`x-ms-meta-${key}`, value])),
});

const tell = (queue, message) => send(
  'POST', `${queues}/${queue}/messages?messagettl=-1`,
  `<QueueMessage><MessageText>${Buffer.from(JSON.stringify(message)).toString('base64')}</MessageText></QueueMessage>`,
  { 'content-type': 'application/xml' });

async function answer(name) {
  while (Date.now() < deadline) {
    const response = await send('GET', `${blobs}/results/${name}`);
    if (response.status === 200) return { json: await response.json(), metadata: response.headers };
    await pause(200);
  }
  throw new Error(`There is no ${name}.`);
}

async function change(action, images) {
  const jobId = randomUUID();
  const names = [];
  for (const [i, image] of images.entries()) {
    names.push(`uploads/enrolments/${jobId}/${i}.png`);
    await upload(names.at(-1), image, {});
  }
  await tell('enrolments', { schema: 1, jobId, gallery: 'staff', subjectId: 'ada', action, images: names });
  return (await answer(`enrolments/${jobId}.json`)).json;
}

const face = readFileSync(picture);
const added = await change('add', [face]);
await upload('uploads/cam-7/door/1.png', face, { gallery: 'staff', faces: 'crop' });
const { json: result, metadata } = await answer('cam-7/door/1.png.json');
const uploaded = await send('HEAD', `${blobs}/uploads/cam-7/door/1.png`);
const deleted = await change('delete', []);
console.log(JSON.stringify({
  added, result, deleted,
  isOfThisUpload: metadata.get('x-ms-meta-uploadetag').replaceAll('"', '') === uploaded.headers.get('etag').replaceAll('"', ''),
  known: metadata.get('x-ms-meta-known'),
}));
