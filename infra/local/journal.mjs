// Azurite holds what it knows in memory (LokiJS) and saves it whole, now and then. Here each change is also appended to a journal beside the
// database before it is acknowledged, so that a process killed at any moment loses nothing of what it said it did. A database names the
// first journal that it does not hold yet; what is older, or comes from before a save by an Azurite without journals, is not read.
import fs from 'node:fs';
import path from 'node:path';

class Journal {
  constructor(database, number) {
    this.path = `${database}.journal-${number}`;
    this.descriptor = fs.openSync(this.path, 'ax', 0o600);
  }

  // What cannot be written down must not be acknowledged, so then the process ends.
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

// Brings what is saved up to date.
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
  saved.databaseVersion = 0; // Has LokiJS make all indices anew.
}

/** Gives all databases of a LokiJS that lie in files a journal. */
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

  // Called with all that the database holds at this moment. What changes from now on goes to the next journal.
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
