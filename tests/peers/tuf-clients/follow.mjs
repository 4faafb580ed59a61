// npm's tuf-js, which shares no code with ours, follows a folder of metadata that a web server on this host serves:
//
//	node follow.mjs MODULES FOLDER STATE        from the root that is in STATE; prints its version and the targets
//	node follow.mjs MODULES canonical FILE...   whether the library writes each file as we did
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const [modules, place, ...rest] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'node_modules/'));

function checkCanonical(files) {
  const { Metadata } = require('@tufjs/models');
  const { canonicalize } = require('@tufjs/canonical-json');
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8');
    const role = path.basename(file, '.json').split('.').pop();
    const read = Metadata.fromJSON(role, JSON.parse(text));
    // Beyond line feeds in keys, which OLPC's form leaves as they are, ours is what theirs is.
    const theirs = canonicalize(read.toJSON()).replaceAll('\n', '\\n');
    if (theirs !== text) throw new Error(`${file} is not what the library writes`);
    console.log(`${role} ${read.signed.version}`);
  }
}

function serve(folder) {
  const server = http.createServer((request, response) => {
    const file = path.join(folder, path.normalize(request.url));
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    response.end(fs.readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function follow(folder, state) {
  const { Updater } = require('tuf-js');
  const server = await serve(folder);
  const base = `http://127.0.0.1:${server.address().port}`;
  try {
    const updater = new Updater({
      metadataDir: state, metadataBaseUrl: base, targetDir: state, targetBaseUrl: `${base}/targets`,
      config: { fetchRetries: 0, fetchRetry: 0 },
    });
    await updater.refresh();
    const root = JSON.parse(fs.readFileSync(path.join(state, 'root.json')));
    console.log(`root ${root.signed.version}`);
    for (const name of ['bundle.json', 'roots.pem']) {
      const got = fs.readFileSync(await updater.downloadTarget(await updater.getTargetInfo(name)));
      console.log(`${name} ${crypto.createHash('sha256').update(got).digest('hex')}`);
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

try {
  if (place === 'canonical') checkCanonical(rest);
  else await follow(place, rest[0]);
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
  process.exit(1);
}
