// Runs Azurite as long as standard input is open. It ends with the program that started it, even if that program is killed.
import { readdirSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { eraseDeleted } from './erasure.mjs';
import { keepJournals } from './journal.mjs';
import { keepRoom } from './room.mjs';

const notice = 'ipunet: ';
const require = createRequire(import.meta.url);
// Azurite loads these packages, and nothing here uses them: one sends telemetry, the other opens SQL databases.
// Without them it starts in two thirds of the time.
const unused = ['applicationinsights', 'sequelize'];
const nothing = new Proxy({}, { get: (_, name) => name === '__esModule' || class {} });
const load = Module._load;
Module._load = (name, ...rest) => unused.includes(name) ? nothing : load(name, ...rest);
const azurite = name => require(`azurite/dist/src/${name}.js`);

// The program that started this one may have been killed, and then nobody reads the output. A failed write must not end this process,
// because it still has to save what it acknowledged.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

// Ctrl-C reaches all programs of a terminal. Storage ignores it, because the program that started it still needs it while it stops.
process.on('SIGINT', () => {});
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGINT') process.nextTick(() => process.off(signal, listener));
});

// The process ends as soon as all services have saved their data. It sets no time limit, and does not wait for open connections.
const { default: Service } = azurite('common/ServerBase');
const close = Service.prototype.close;
let closing = 0;
Service.prototype.close = async function () {
  closing++;
  try {
    await close.call(this);
  } finally {
    if (--closing === 0) process.exit();
  }
};

// Azurite handles this message once it has started. Before that it holds no data, so the process can end at once.
process.stdin.on('close', () => {
  if (!process.emit('message', 'shutdown')) process.exit();
}).resume();

// Only this user may read the files that Azurite writes.
process.umask(0o077);
const at = process.argv.indexOf('--location'), location = at < 0 ? undefined : process.argv[at + 1];
eraseDeleted(azurite, location, Number(process.env.IPUNET_LOOK_MS));
if (location) {
  // A killed process leaves half-written databases behind. They may name blobs that have been deleted since.
  for (const name of readdirSync(location)) if (/^__azurite_db_.*\.json~$/.test(name)) rmSync(path.join(location, name));
  const { IPUNET_KEPT_BYTES: kept } = process.env;
  keepRoom(azurite, require('lokijs'), location, kept ? Number(kept) : undefined, line => console.log(notice + line));
}

keepJournals(require('lokijs'));
azurite('azurite');
