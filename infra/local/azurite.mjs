// Runs Azurite for as long as standard input is open: whoever started it takes it along, also when they are killed.
import { readdirSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { eraseDeleted } from './erasure.mjs';
import { keepJournals } from './journal.mjs';
import { keepRoom } from './room.mjs';

const notice = 'ipunet: ';
const require = createRequire(import.meta.url);
// What Azurite loads and nothing here uses: what sends telemetry, and databases of other kinds. Its start takes a third less time without them.
const unused = ['applicationinsights', 'sequelize'];
const nothing = new Proxy({}, { get: (_, name) => name === '__esModule' || class {} });
const load = Module._load;
Module._load = (name, ...rest) => unused.includes(name) ? nothing : load(name, ...rest);
const azurite = name => require(`azurite/dist/src/${name}.js`);

// Who was killed reads no more. A line that nobody reads must not end the saving of what they were told is stored.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

// Ctrl-C reaches all programs of a terminal. When storage is no longer needed is for whoever started it to say.
process.on('SIGINT', () => {});
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGINT') process.nextTick(() => process.off(signal, listener));
});

// It ends when all its services have saved what they hold, however long that takes, and whoever still has a connection.
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

// Azurite listens to the message once it has started; before that it holds nothing.
process.stdin.on('close', () => {
  if (!process.emit('message', 'shutdown')) process.exit();
}).resume();

// What it writes is its user's alone.
process.umask(0o077);
const at = process.argv.indexOf('--location'), location = at < 0 ? undefined : process.argv[at + 1];
eraseDeleted(azurite, location, Number(process.env.IPUNET_LOOK_MS));
if (location) {
  // Databases that were being written when somebody was killed: they name what may have been deleted since.
  for (const name of readdirSync(location)) if (/^__azurite_db_.*\.json~$/.test(name)) rmSync(path.join(location, name));
  const { IPUNET_KEPT_BYTES: kept } = process.env;
  keepRoom(azurite, require('lokijs'), location, kept ? Number(kept) : undefined, line => console.log(notice + line));
}

keepJournals(require('lokijs'));
azurite('azurite');
