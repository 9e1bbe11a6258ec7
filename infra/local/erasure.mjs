// Removes the bytes of deleted blobs and messages from the folder within seconds. Azurite alone removes only their entries in its lists.
//
// Azurite appends all uploads to a few files, each of up to 64 MB, and removes a file once nothing in it is used. This module gives each
// upload a file of its own, and removes a file once no listed blob, block or message uses it. The lists are saved before that. If the
// process is killed between two steps, each file is either still in use, or unused and removed at the next look.
import { closeSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';

// Azurite may go on with a request after its client has gone. After this time the request counts as ended.
const abandonedMs = 30000;

// The collections of Azurite's database whose records refer to files, and the parts of each record that do.
const users = {
  $BLOBS_COLLECTION$: blob => [blob, ...(blob.committedBlocksInOrder ?? []), ...(blob.pageRangesInOrder ?? [])],
  $BLOCKS_COLLECTION$: block => [block],
  $MESSAGES_COLLECTION$: message => [message],
};

/**
 * Changes Azurite's classes, before they are used.
 * @param azurite Loads a module of Azurite by its name.
 * @param location The folder of the data; undefined if the data is in memory only.
 * @param lookMs The time between two looks, in milliseconds.
 */
export function eraseDeleted(azurite, location, lookMs) {
  azurite('common/utils/constants').DEFAULT_MAX_EXTENT_SIZE = 1;
  azurite('blob/utils/constants').DEFAULT_GC_INTERVAL_MS = lookMs;
  azurite('queue/utils/constants').DEFAULT_GC_INTERVAL_MS = lookMs;
  endAppendsAtOnce(azurite('common/persistence/FSExtentStore').default.prototype);
  if (location) listByFolder(azurite('common/persistence/LokiExtentMetadataStore').default.prototype);

  // On Unix, a request can go on reading a file that has been removed. Memory is overwritten at once, so there readers count, too.
  const requests = requestsInWork(azurite, request => !location || !['GET', 'HEAD', 'OPTIONS'].includes(request.method));
  const collectors = [azurite('blob/gc/BlobGCManager'), azurite('queue/gc/QueueGCManager')];
  for (const { prototype } of collectors.map(collector => collector.default)) sweepBy(new Sweeping(requests), prototype);
}

// Closes each file after one upload, so that each file can be removed by itself.
function endAppendsAtOnce(store) {
  const append = store.appendExtent;
  store.appendExtent = async function (data, context) {
    const chunk = await append.call(this, data, context);
    const own = this.activeWriteExtents.find(extent => extent.id === chunk.id && extent.appendStatus === 0);
    if (own) {
      const { fd } = own;
      this.getNewExtent(own);
      if (fd !== undefined) closeSync(fd);
    }
    return chunk;
  };
}

// The folder itself is the list of files. A second list could disagree with it.
function listByFolder(list) {
  list.updateExtent = async () => {};
  list.getExtentLocationId = async () => 'Default';
}

function requestsInWork(azurite, isCounted) {
  const requests = { begun: 0, inWork: new Set(), get oldest() { return Math.min(...this.inWork); } };
  for (const name of ['blob/BlobRequestListenerFactory', 'queue/QueueRequestListenerFactory']) {
    const factory = azurite(name).default.prototype, create = factory.createRequestListener;
    factory.createRequestListener = function () {
      const answer = create.call(this);
      return (request, response) => {
        if (isCounted(request)) {
          const number = ++requests.begun;
          requests.inWork.add(number);
          response.once('close', () => response.writableFinished
            ? requests.inWork.delete(number)
            : setTimeout(() => requests.inWork.delete(number), abandonedMs).unref());
        }
        return answer(request, response);
      };
    };
  }
  return requests;
}

function sweepBy(sweeping, collector) {
  collector.markSweep = async function () {
    await sweeping.look(this);
  };

  // When Azurite closes, no request is in work. Two looks in a row then remove all unused files.
  const { close } = collector;
  collector.close = async function () {
    await close.call(this);
    await sweeping.look(this);
    await sweeping.look(this);
  };
}

/**
 * Removes each file that two looks find unused. A request that was in work at the first look might have been about to use the file,
 * so all of those must have ended before the second look.
 */
class Sweeping {
  constructor(requests) {
    this.requests = requests;
    // Maps each unused file to the number of requests that had begun when it was first seen unused.
    this.unused = new Map();
    this.seen = -1;
    this.isSplit = false;
  }

  async look({ referredExtentsProvider: { db }, extentStore }) {
    const store = extentStore.persistencyPath ? new Folder(extentStore) : new Memory(extentStore);
    if (!this.isSplit) this.isSplit = await succeeds(() => store.split(db));
    if (this.seen === this.requests.begun && this.unused.size === 0) return;
    // A request that is still in work may leave files unused, so the next look must not be skipped.
    const all = this.requests.inWork.size === 0 ? this.requests.begun : -1;
    if (await succeeds(() => this.sweep(db, store))) this.seen = all;
  }

  async sweep(db, store) {
    const names = await store.list();
    const used = new Set(usesOf(db).map(({ persistency }) => persistency.id));
    const before = this.unused, gone = [];
    this.unused = new Map();
    for (const name of names) {
      if (used.has(name) || store.isOpen(name)) continue;
      const since = before.get(name);
      if (since < this.requests.oldest) gone.push(name);
      this.unused.set(name, since ?? this.requests.begun);
    }

    if (gone.length === 0) return;
    await store.save(db);
    for (const name of gone) {
      await store.remove(name);
      this.unused.delete(name);
    }
  }
}

async function succeeds(step) {
  try {
    await step();
    return true;
  } catch (error) {
    console.error(`Deleted data stays until the next attempt: ${error.message}`);
    return false;
  }
}

function usesOf(db) {
  return Object.entries(users).flatMap(([name, parts]) =>
    (db.getCollection(name)?.data ?? []).flatMap(record => parts(record).filter(part => part.persistency)));
}

class Folder {
  constructor(store) {
    this.store = store;
    [this.path] = store.persistencyPath.values();
  }

  list() {
    return fs.readdir(this.path);
  }

  isOpen(name) {
    return this.store.isActiveExtent(name);
  }

  remove(name) {
    return fs.rm(path.join(this.path, name), { force: true });
  }

  save(db) {
    return new Promise((resolve, reject) => db.saveDatabase(error => error ? reject(error) : resolve()));
  }

  // Splits files that hold several uploads, some of them perhaps deleted: each part that is still used moves to a file of its own.
  async split(db) {
    const parts = new Map();
    for (const { persistency: { id, offset, count } } of usesOf(db))
      parts.set(id, (parts.get(id) ?? new Map()).set(`${offset}+${count}`, { offset, count }));
    for (const name of await this.list()) {
      const used = [...parts.get(name)?.values() ?? []];
      const { size } = await fs.stat(path.join(this.path, name)), { bavail, bsize } = await fs.statfs(this.path);
      if (used.length === 0 || used.length === 1 && used[0].offset === 0 && used[0].count === size) continue;
      if (bavail * bsize < 2 * size)
        throw new Error(`${path.join(this.path, name)} is cleared when the disk has room for ${2 * size} bytes.`);
      for (const part of used) part.id = await this.copy(name, part);
      await this.sync();
      this.move(db, name, parts.get(name));
    }
  }

  async copy(name, { offset, count }) {
    const id = randomUUID(), from = await fs.open(path.join(this.path, name));
    try {
      const to = await fs.open(path.join(this.path, id), 'wx', 0o600);
      try {
        const buffer = Buffer.alloc(Math.min(count, 1 << 20));
        for (let done = 0, read; done < count; done += read) {
          ({ bytesRead: read } = await from.read(buffer, 0, Math.min(buffer.length, count - done), offset + done));
          if (read === 0) throw new Error(`${name} ends before its blob does.`);
          await to.writev([buffer.subarray(0, read)]);
        }
        await to.sync();
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
    return id;
  }

  async sync() {
    if (process.platform === 'win32') return;
    const folder = await fs.open(this.path);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  move(db, name, parts) {
    for (const [collection, partsOf] of Object.entries(users)) {
      for (const record of db.getCollection(collection)?.data ?? []) {
        // A reader may hold the old object, so it is replaced and not changed.
        const moved = partsOf(record).filter(({ persistency }) =>
          persistency?.id === name && parts.has(`${persistency.offset}+${persistency.count}`));
        for (const part of moved) {
          const { offset, count } = part.persistency;
          part.persistency = { id: parts.get(`${offset}+${count}`).id, offset: 0, count };
        }
        if (moved.length > 0) db.getCollection(collection).dirty = true;
      }
    }
  }
}

class Memory {
  constructor({ chunks, categoryName }) {
    this.chunks = chunks;
    this.category = categoryName;
  }

  list() {
    return [...this.chunks._chunks.get(this.category)?.chunks.keys() ?? []];
  }

  isOpen() {
    return false;
  }

  remove(name) {
    for (const part of this.chunks.get(this.category, name).chunks) part.fill(0);
    this.chunks.delete(this.category, name);
  }

  save() {}

  split() {}
}
