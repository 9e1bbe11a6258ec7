// Keeps some of the disk free. It refuses uploads before the disk is full, so that work in progress can end and people can be deleted.
import fs from 'node:fs/promises';
import path from 'node:path';

const lookMs = 1000;
const megabyte = 1 << 20;

// Uploads may not use the room that is kept. Work in progress and deletions write a little, too: they may use all of it but this part.
const lastPart = 4;

// The room that is kept by default: so many bytes, or this part of a small disk.
const usualBytes = 200 * megabyte, usualPart = 10;

const uploadContainers = ['uploads', 'training', 'models'];
const longQueues = ['face-batches', 'retraining'];

/**
 * Changes Azurite's classes, before they are used.
 * @param azurite Loads a module of Azurite by its name.
 * @param Loki The class of Azurite's databases.
 * @param location The folder of the data.
 * @param keptBytes How many bytes of the disk stay free; undefined for the default.
 * @param say Takes a line for people. It is called when uploads begin to be refused, and when they are taken again.
 */
export function keepRoom(azurite, Loki, location, keptBytes, say) {
  const room = new Room(location, keptBytes, say);
  room.watch();
  watchSaves(Loki.prototype, room);
  const listeners = [['blob/BlobRequestListenerFactory', answerForBlobs], ['queue/QueueRequestListenerFactory', answerForQueues]];
  for (const [name, answerFor] of listeners) {
    const factory = azurite(name).default.prototype, create = factory.createRequestListener;
    factory.createRequestListener = function () {
      const azuriteAnswers = create.call(this);
      return (request, response) => answerFor(room, request, response) || azuriteAnswers(request, response);
    };
  }
}

// LokiJS reports a failed save to nobody, and then treats the data as saved.
function watchSaves(loki, room) {
  const save = loki.saveDatabaseInternal;
  loki.saveDatabaseInternal = function (callback) {
    return save.call(this, error => {
      room.saved(this, error);
      if (error) for (const collection of this.collections) collection.dirty = true;
      callback?.(error);
    });
  };
}

function answerForBlobs(room, request, response) {
  // A block list does not count as an upload: its blocks have been taken already.
  const [, action = ''] = /[?&]comp=([a-z]+)/.exec(request.url) ?? [];
  const isUpload = uploadContainers.includes(partsOf(request)[2]) && ['', 'block'].includes(action);
  return isRefused(room, request, isUpload) && refuse(room, request, response);
}

// The next job may need more room than there is, so no message is handed out: the jobs wait.
function answerForQueues(room, request, response) {
  const [, , queue, what] = partsOf(request);
  const isReceipt = request.method === 'GET' && what === 'messages' && !request.url.includes('peekonly');
  if (isReceipt && (room.isFull || room.isLow && longQueues.includes(queue))) {
    answer(request, response, 200, {}, '<QueueMessagesList></QueueMessagesList>');
    return true;
  }
  return isRefused(room, request, false) && refuse(room, request, response);
}

// A deletion makes room. It is refused only if the lists of blobs cannot be saved, because a restart would then undo it.
function isRefused(room, request, isUpload) {
  return request.method === 'DELETE' ? room.cannotSave : addsBytes(request) && !room.admits(request, isUpload);
}

function partsOf(request) {
  return request.url.split('?', 1)[0].split('/');
}

function addsBytes({ method, headers }) {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return (method === 'PUT' || method === 'POST') && (length !== '0' || encoding !== undefined);
}

// Clients do not repeat a request after a 507.
function refuse(room, request, response) {
  const code = 'InsufficientStorage';
  const body = `<Error><Code>${code}</Code><Message>${escaped(room.reason)}</Message></Error>`;
  answer(request, response, 507, { 'x-ms-error-code': code }, body);
  return true;
}

// A client reads the answer only after it has sent its whole request.
function answer(request, response, status, headers, body) {
  request.resume().once('end', () => response
    .writeHead(status, { 'content-type': 'application/xml', 'x-ms-version': request.headers['x-ms-version'] ?? '', ...headers })
    .end(`<?xml version="1.0" encoding="utf-8"?>${body}`));
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

class Room {
  constructor(location, keptBytes, say) {
    Object.assign(this, { location, keptBytes, say });
    this.free = Infinity;
    this.kept = 0;
    // admitted: bytes of all requests that were let in since the last look. sending: bytes of those that are still being sent.
    this.admitted = 0;
    this.sending = 0;
    this.unsaved = new Map();
    // Bytes of the largest refused request. Once they fit beside the room that is kept, the program says that there is room again.
    this.wanted = 0;
    this.isSaid = false;
  }

  get cannotSave() { return this.unsaved.size > 0; }

  get isLow() { return this.cannotSave || this.left < this.kept; }

  get isFull() { return this.cannotSave || this.left < this.kept / lastPart; }

  get left() { return this.free - this.admitted; }

  get reason() {
    const [error] = this.unsaved.values();
    const fault = error
      ? `the lists of blobs and messages cannot be saved: ${error.message}.`
      : `${sized(Math.max(0, this.left))} of the disk are left, and ${sized(this.kept)} stay free for running work and deletions.`;
    return `${this.location}: ${fault} Uploads are refused, and jobs wait. They go on by themselves when there is room: `
      + 'remove something, or stop and name a folder of another disk with --data.';
  }

  admits(request, isUpload) {
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (this.cannotSave || this.left - bytes < (isUpload ? this.kept : this.kept / lastPart)) {
      this.wanted = Math.max(this.wanted, Math.min(bytes, this.kept));
      this.tell();
      return false;
    }
    this.admitted += bytes;
    this.sending += bytes;
    request.once('close', () => { this.sending -= bytes; });
    return true;
  }

  saved(database, error) {
    if (error) this.unsaved.set(database, error);
    else this.unsaved.delete(database);
    this.tell();
  }

  async watch() {
    while (true) {
      try {
        await this.look();
      } catch (error) {
        console.error(`${this.location}: the free space of its disk cannot be read: ${error.message}`);
      }
      await new Promise(resolve => setTimeout(resolve, lookMs).unref());
    }
  }

  async look() {
    const { bavail, blocks, bsize } = await fs.statfs(this.location);
    // Each save writes a new database beside the old one, so the databases need their size twice.
    const names = (await fs.readdir(this.location)).filter(name => name.endsWith('.json'));
    const sizes = await Promise.all(names.map(name => fs.stat(path.join(this.location, name)).then(({ size }) => size, () => 0)));
    this.kept = (this.keptBytes ?? Math.min(usualBytes, blocks * bsize / usualPart)) + 2 * sizes.reduce((sum, size) => sum + size, 0);
    this.free = bavail * bsize;
    this.admitted = this.sending;
    this.tell();
  }

  tell() {
    const isRefusing = this.isLow || this.wanted > 0 && this.left < this.kept + this.wanted;
    if (isRefusing && !this.isSaid) this.say(this.reason);
    else if (!isRefusing && this.isSaid) this.say(`${this.location}: there is room again. Uploads are taken, and jobs go on.`);
    this.isSaid = isRefusing;
    if (!isRefusing) this.wanted = 0;
  }
}

function sized(bytes) {
  return bytes < 10 * megabyte ? `${(bytes / megabyte).toFixed(1)} MB` : `${Math.round(bytes / megabyte)} MB`;
}
