// Runs Azurite for as long as standard input is open: whoever started it takes it along, also when they are killed.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

// Who was killed reads no more. A line that nobody reads must not end the saving of what they were told is stored.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

// Ctrl-C reaches all programs of a terminal. When storage is no longer needed is for whoever started it to say.
process.on('SIGINT', () => {});
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGINT') process.nextTick(() => process.off(signal, listener));
});

// It ends when all its services have saved what they hold, however long that takes, and whoever still has a connection.
const { default: Service } = require('azurite/dist/src/common/ServerBase.js');
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

require('azurite/dist/src/azurite.js');
