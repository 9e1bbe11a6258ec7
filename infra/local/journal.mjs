// Keeps a journal of each of Azurite's databases. Azurite holds a database in memory (LokiJS) and saves it as a whole now and then.
// This module appends each change to a journal beside the database before the change is acknowledged. So a process that is killed at any
// moment loses nothing that it acknowledged. A database names the first journal whose changes it does not hold yet. Older journals are
// not read, and neither are journals from before a save by an Azurite without this module.
import fs from 'node:fs';
import path from 'node:path';

class Journal {
  constructor(database, number) {
    this.path = `${database}.journal-${number}`;
    this.descriptor = fs.openSync(this.path, 'ax', 0o600);
  }

  // A change that cannot be written must not be acknowledged, so the process ends.
  append(change) {
    const line = Buffer.from(JSON.stringify(change) + '\n');
    try {
      for (let written = 0; written < line.length; )
        written += fs.writeSync(this.descriptor, line, written);
    } catch (error) {
      console.error(`${this.path}: ${error.message}`);
      process.exit(1);
    }
  }

  static numbers(database) {
    const start = `${path.basename(database)}.journal-`;
    return fs.readdirSync(path.dirname(database))
      .filter(name => name.startsWith(start)).map(name => Number(name.slice(start.length))).sort((a, b) => a - b);
  }

  // A last line without an end was never acknowledged.
  static read(database, number) {
    return fs.readFileSync(`${database}.journal-${number}`, 'utf8').split('\n').slice(0, -1).map(line => JSON.parse(line));
  }
}

// Brings a saved database up to date.
function replay(saved, changes) {
  if (changes.length === 0) return;
  const collections = new Map(saved.collections.map(({ name, data }) => [name, new Map(data.map(document => [document.$loki, document]))]));
  for (const { collection, put, remove } of changes) {
    const documents = collections.get(collection);
    if (put) documents.set(put.$loki, put);
    else documents.delete(remove);
  }
  for (const collection of saved.collections) {
    const documents = collections.get(collection.name);
    collection.data = [...documents.values()].sort((a, b) => a.$loki - b.$loki);
    collection.maxId = collection.data.reduce((highest, { $loki }) => Math.max(highest, $loki), collection.maxId);
  }
  saved.databaseVersion = 0; // LokiJS then makes all indices anew.
}

/** Gives each LokiJS database that lies in a file a journal. */
export function keepJournals(Loki) {
  const journals = new Map();
  const files = Loki.LokiFsAdapter.prototype;
  const { addCollection } = Loki.prototype;

  files.loadDatabase = function (database, done) {
    try {
      const saved = JSON.parse(fs.readFileSync(database, 'utf8'));
      const later = saved.journal === undefined ? [] : Journal.numbers(database).filter(number => number >= saved.journal);
      replay(saved, later.flatMap(number => Journal.read(database, number)));
      done(saved);
    } catch (error) {
      done(new Error(`${database}: ${error.message}`));
    }
  };

  // LokiJS passes the whole database as it is at this moment. Later changes go to the next journal.
  files.saveDatabase = function (database, content, done) {
    const earlier = Journal.numbers(database);
    const number = (earlier.at(-1) ?? 0) + 1;
    const before = journals.get(database);
    try {
      journals.set(database, new Journal(database, number));
    } catch (error) {
      return done(error);
    }
    if (before) fs.closeSync(before.descriptor);

    const aside = `${database}~`;
    fs.writeFile(aside, `{"journal":${number},${content.slice(1)}`, { mode: 0o600, flush: true }, error => {
      if (error) return done(error);
      fs.rename(aside, database, error => {
        if (!error) for (const old of earlier) fs.rmSync(`${database}.journal-${old}`, { force: true });
        done(error);
      });
    });
  };

  Loki.prototype.addCollection = function (name, options) {
    const known = this.collections.some(collection => collection.name === name);
    const collection = addCollection.call(this, name, options);
    if (!known && this.persistenceAdapter instanceof Loki.LokiFsAdapter) {
      const append = change => journals.get(this.filename).append({ collection: name, ...change });
      collection.on(['insert', 'update'], documents => [documents].flat().forEach(put => append({ put })));
      collection.on('delete', ({ $loki }) => append({ remove: $loki }));
    }
    return collection;
  };
}
