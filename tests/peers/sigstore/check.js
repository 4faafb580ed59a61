// Checks what a journal publishes with Sigstore's own verifier of transparency logs, which shares no code with ours:
//
//	node check.js MODULES VKEY FILE      a .tlog-proof, or the entries of a file of evidence
//	node check.js MODULES VKEY FOLDER    every entry of a published log
//
// Sigstore's entries are of Rekor; an entry of ours stands where the canonical body of one does.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const [modules, vkey, place] = process.argv.slice(2);
const { verifyTLogInclusion } = require(path.join(modules, 'node_modules/@sigstore/verify/dist/tlog'));

// NAME+KEYID+BASE64, the key after its type; names have no plus sign, keys may.
function authority() {
  const [name, id, ...rest] = vkey.split('+');
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(rest.join('+'), 'base64').subarray(1),
  ]);
  const publicKey = crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return { logID: Buffer.from(id, 'hex'), baseURL: name, publicKey };
}

const logs = [authority()];
let checked = 0;

function check(index, leaf, hashes, envelope) {
  const inclusionProof = { logIndex: String(index), hashes, checkpoint: { envelope } };
  verifyTLogInclusion({ canonicalizedBody: leaf, inclusionProof }, logs);
  checked += 1;
}

const decoded = (lines) => lines.map((line) => Buffer.from(line, 'base64'));

function checkProof(text) {
  const [front, ...rest] = text.split('\n\n');
  const lines = front.split('\n');
  const leaf = Buffer.from(lines[1].replace(/^extra /, ''), 'base64');
  check(lines[2].replace(/^index /, ''), leaf, decoded(lines.slice(3)), rest.join('\n\n'));
}

function checkEvidence(text) {
  const leaves = new Map();
  const paths = [];
  let head;
  for (const line of text.split('\n').filter((one) => one !== '').map((one) => JSON.parse(one))) {
    if (line.leaf !== undefined) leaves.set(line.index, line.leaf);
    else if (line.head !== undefined) head = line.head;
    else if (Array.isArray(line.path)) paths.push(line);
  }
  if (paths.length !== leaves.size) throw new Error('not every entry has its path');
  for (const one of paths) check(one.index, Buffer.from(leaves.get(one.index)), decoded(one.path), head);
}

// tile/KIND/NUMBER, or the part of it that there is at the right edge.
function readTile(kind, number, width) {
  const thousands = number < 1000 ? '' : `x${String(Math.floor(number / 1000)).padStart(3, '0')}/`;
  const name = path.join(place, 'tile', kind, thousands + String(number % 1000).padStart(3, '0'));
  return fs.readFileSync(width === 256 ? name : `${name}.p/${width}`);
}

const node = (left, right) => crypto.createHash('sha256').update('\u0001').update(left).update(right).digest();

// RFC 6962, section 2.1.1, over the hashes of leaves.
class Tree {
  constructor(leaves) {
    this.size = leaves.length;
    this.levels = [leaves];
    for (let below = leaves; below.length > 1; below = this.levels[this.levels.length - 1])
      this.levels.push(Array.from({ length: below.length >> 1 }, (_, i) => node(below[2 * i], below[2 * i + 1])));
    this.right = new Map();
  }
  static split(size) {
    return 2 ** Math.floor(Math.log2(size - 1));
  }
  root(begin, end) {
    const level = Math.log2(end - begin);
    if (Number.isInteger(level)) return this.levels[level][begin / 2 ** level];
    const middle = begin + Tree.split(end - begin);
    if (!this.right.has(begin)) this.right.set(begin, node(this.root(begin, middle), this.root(middle, end)));
    return this.right.get(begin);
  }
  path(index, begin = 0, end = this.size) {
    if (end - begin === 1) return [];
    const middle = begin + Tree.split(end - begin);
    if (index < middle) return [...this.path(index, begin, middle), this.root(middle, end)];
    return [...this.path(index, middle, end), this.root(begin, middle)];
  }
}

function checkLog() {
  const envelope = fs.readFileSync(path.join(place, 'checkpoint'), 'utf8');
  const size = Number(envelope.split('\n')[1]);
  const bundles = [];
  for (let begin = 0; begin < size; begin += 256)
    bundles.push({ begin, number: begin / 256, width: Math.min(256, size - begin) });
  const hashes = [];
  for (const { number, width } of bundles) {
    const tile = readTile('0', number, width);
    for (let at = 0; at < tile.length; at += 32) hashes.push(tile.subarray(at, at + 32));
  }
  const tree = new Tree(hashes);
  for (const { begin, number, width } of bundles) {
    let rest = readTile('entries', number, width);
    for (let index = begin; index < begin + width; index += 1) {
      const end = 2 + rest.readUInt16BE(0);
      check(index, rest.subarray(2, end), tree.path(index), envelope);
      rest = rest.subarray(end);
    }
  }
}

try {
  if (fs.statSync(place).isDirectory()) {
    checkLog();
  } else {
    const text = fs.readFileSync(place, 'utf8');
    if (text.startsWith('c2sp.org/tlog-proof@v1\n')) checkProof(text);
    else checkEvidence(text);
  }
  if (checked === 0) throw new Error('nothing to check');
  console.log(`${checked} entries`);
} catch (error) {
  console.error(`refused: ${error.message}`);
  process.exit(1);
}
