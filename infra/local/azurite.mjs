// Runs Azurite for as long as standard input is open: whoever started it takes it along, also when they are killed.
import { createRequire } from 'node:module';

const longestStopMs = 5000;

// Ctrl-C reaches all programs of a terminal. When storage is no longer needed is for whoever started it to say.
process.on('SIGINT', () => {});
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGINT') process.nextTick(() => process.off(signal, listener));
});

process.stdin.on('close', () => {
  process.emit('message', 'shutdown');
  setTimeout(() => process.exit(1), longestStopMs).unref();
}).resume();

createRequire(import.meta.url)('azurite/dist/src/azurite.js');
