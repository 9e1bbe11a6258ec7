// Keeps room on the disk: uploads are refused while there is some left, so that what is in work can be finished, and people deleted.
import fs from 'node:fs/promises';
import path from 'node:path';

const lookMs = 1000;
const megabyte = 1 << 20;

// Of the room that is kept. The rest is for what is in work and for deleting, which write a little, too.
const lastPart = 4;

// Unless it is said, so much is kept, or this part of a small disk.
const usualBytes = 200 * megabyte, usualPart = 10;

const uploadContainers = ['uploads', 'training', 'models'];
const longQueues = ['face-batches', 'retraining'];

/**
 * Changes Azurite's classes, before they are used.
 * @param azurite Loads a module of Azurite's by its name.
 * @param Loki The class of its databases.
 * @param location The folder of the data.
 * @param keptBytes How much room of the disk is kept; undefined for what is usual.
 * @param say Is told, for people, when uploads are refused and when they are taken again.
 */
export function keepRoom(azurite, Loki, location, keptBytes, say) {
  const room = new Room(location, keptBytes, say);
  room.watch();
  watchSaves(Loki.prototype, room);
  for (const [name, answerFor] of [['blob/BlobRequestListenerFactory', answerForBlobs], ['queue/QueueRequestListenerFactory', answerForQueues]]) {
    const factory = azurite(name).default.prototype, create = factory.createRequestListener;
    factory.createRequestListener = function () {
      const azuriteAnswers = create.call(this);
      return (request, response) => answerFor(room, request, response) || azuriteAnswers(request, response);
    };
  }
}

// It tells nobody of a save that fails, and takes what it did not save for saved.
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
  // The list of blocks that were taken is taken, too.
  const [, action = ''] = /[?&]comp=([a-z]+)/.exec(request.url) ?? [], isUpload = uploadContainers.includes(partsOf(request)[2]) && ['', 'block'].includes(action);
  return isRefused(room, request, isUpload) && refuse(room, request, response);
}

// What would be worked on next may need more room than there is. It waits.
function answerForQueues(room, request, response) {
  const [, , queue, what] = partsOf(request);
  if (request.method === 'GET' && what === 'messages' && !request.url.includes('peekonly') && (room.isFull || room.isLow && longQueues.includes(queue))) {
    answer(request, response, 200, {}, '<QueueMessagesList></QueueMessagesList>');
    return true;
  }
  return isRefused(room, request, false) && refuse(room, request, response);
}

// Deleting makes room, and is only refused where it would not last either: the lists of what there is cannot be saved.
function isRefused(room, request, isUpload) {
  return request.method === 'DELETE' ? room.cannotSave : addsBytes(request) && !room.admits(request, isUpload);
}

function partsOf(request) {
  return request.url.split('?', 1)[0].split('/');
}

function addsBytes({ method, headers }) {
  return (method === 'PUT' || method === 'POST') && (headers['content-length'] !== '0' && headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined);
}

// 507 is no answer that clients repeat.
function refuse(room, request, response) {
  const code = 'InsufficientStorage';
  answer(request, response, 507, { 'x-ms-error-code': code }, `<Error><Code>${code}</Code><Message>${escaped(room.reason)}</Message></Error>`);
  return true;
}

// Who is still sending does not listen.
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
    // Bytes that were admitted since the last look, and of requests that are still sending.
    this.admitted = 0;
    this.sending = 0;
    this.unsaved = new Map();
    // Room for what was refused; with so much, it is said that there is room again.
    this.wanted = 0;
    this.isSaid = false;
  }

  get cannotSave() { return this.unsaved.size > 0; }

  get isLow() { return this.cannotSave || this.left < this.kept; }

  get isFull() { return this.cannotSave || this.left < this.kept / lastPart; }

  get left() { return this.free - this.admitted; }

  get reason() {
    const [error] = this.unsaved.values();
    return (error ? `${this.location}: what is there cannot be saved: ${error.message}.` : `${this.location}: ${sized(Math.max(0, this.left))} of the disk are left, and ${sized(this.kept)} stay free for what is in work and for deleting.`)
      + ' Uploads are refused, and jobs wait. They go on by themselves when there is room: remove something, or stop and name a folder of another disk with --data.';
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
        console.error(`${this.location}: its disk cannot be looked at: ${error.message}`);
      }
      await new Promise(resolve => setTimeout(resolve, lookMs).unref());
    }
  }

  async look() {
    const { bavail, blocks, bsize } = await fs.statfs(this.location);
    // A database is written anew beside the old one.
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
