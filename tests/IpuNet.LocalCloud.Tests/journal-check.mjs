// Changes a database at random, and copies its folder at random moments, as a kill would leave it. Compares what is read from the copies.
// Arguments: the script that runs Azurite, an empty folder, a seed.
import assert from 'node:assert';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [script, folder, seed] = process.argv.slice(2);
const { keepJournals } = await import(pathToFileURL(path.join(path.dirname(script), 'journal.mjs')));
const Loki = createRequire(createRequire(script).resolve('azurite/package.json'))('lokijs');
keepJournals(Loki);

let state = 1 + Number(seed) % 0x7ffffffe;
const random = count => ((state = (state * 48271) % 0x7fffffff) >>> 8) % count;

// Opens a database in the same way as Azurite.
async function open(home) {
  const file = path.join(home, 'blobs.json');
  const database = new Loki(file, { persistenceMethod: 'fs', autosave: true, autosaveInterval: 5000 });
  const done = start => new Promise((resolve, reject) => start(error => error ? reject(error) : resolve()));
  if (fs.existsSync(file)) await done(callback => database.loadDatabase({}, callback));
  const collection = database.getCollection('blobs') ?? database.addCollection('blobs', { indices: ['kind'] });
  await done(callback => database.saveDatabase(callback));
  return [database, collection];
}

// A save may be in progress. The copy must not contain half of its last step.
function copyAsAtOnce(from, to) {
  const look = () => JSON.stringify([fs.statSync(path.join(from, 'blobs.json')).ino, fs.readdirSync(from)]);
  for (let before; before !== look();) {
    before = look();
    fs.rmSync(to, { recursive: true, force: true });
    fs.mkdirSync(to);
    for (const name of fs.readdirSync(from)) {
      try {
        fs.copyFileSync(path.join(from, name), path.join(to, name));
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    }
  }
}

const content = collection => collection.data.map(({ $loki, kind, value }) => [$loki, kind, value]);
const kindOf = number => `kind-${number}`;

fs.mkdirSync(path.join(folder, 'live'));
const [database, blobs] = await open(path.join(folder, 'live'));
let kills = 0;
for (let change = 0; change < 6000; change++) {
  const action = random(10);
  if (action < 5 || blobs.data.length === 0) blobs.insert({ kind: kindOf(random(30)), value: random(1000) });
  else if (action < 8) {
    const changed = blobs.data[random(blobs.data.length)];
    blobs.update(Object.assign(changed, { kind: kindOf(random(30)), value: random(1000) }));
  } else if (action < 9) blobs.remove(blobs.data[random(blobs.data.length)]);
  else blobs.findAndRemove({ kind: kindOf(random(30)) });
  if (random(97) === 0) {
    database.saveDatabase(() => {});
    await new Promise(resolve => setTimeout(resolve, random(4)));
  }
  if (random(60) !== 0) continue;

  const copy = path.join(folder, `kill-${kills++}`);
  copyAsAtOnce(path.join(folder, 'live'), copy);
  const last = fs.readdirSync(copy).filter(name => name.includes('.journal-')).sort((a, b) => a.split('-')[1] - b.split('-')[1]).at(-1);
  // A kill may leave a half-written line and a half-written database.
  if (random(2)) fs.appendFileSync(path.join(copy, last), '{"collection":"blobs","put":{"$lo');
  if (random(2)) fs.writeFileSync(path.join(copy, 'blobs.json~'), '{"filename":');
  const [later, read] = await open(copy);
  assert.deepEqual(content(read), content(blobs));
  const kind = kindOf(random(30));
  assert.deepEqual(read.find({ kind }).map(blob => blob.$loki).sort(), blobs.find({ kind }).map(blob => blob.$loki).sort());
  assert.equal(read.insert({ kind, value: 0 }).$loki, read.maxId);
  later.autosaveDisable();
}

// If an Azurite without journals has saved the database since, the old journals must not change it.
const old = path.join(folder, 'old');
copyAsAtOnce(path.join(folder, 'live'), old);
const { journal, ...before } = JSON.parse(fs.readFileSync(path.join(old, 'blobs.json'), 'utf8'));
const collections = before.collections.map(known => ({ ...known, data: [] }));
fs.writeFileSync(path.join(old, 'blobs.json'), JSON.stringify({ ...before, collections }));
assert.equal((await open(old))[1].data.length, 0);
console.log(`${kills} kills`);
process.exit();
