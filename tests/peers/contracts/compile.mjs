// Compiles contracts.sol with npm's solc against npm's OpenZeppelin: node compile.mjs MODULES OUTPUT
// The output is solc's standard JSON.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const [modules, output] = process.argv.slice(2);
const installed = path.join(path.resolve(modules), 'node_modules/');
const solc = createRequire(installed)('solc');
const here = path.dirname(fileURLToPath(import.meta.url));
const selection = ['metadata', 'evm.bytecode.object', 'evm.bytecode.linkReferences', 'evm.deployedBytecode.object',
  'evm.deployedBytecode.immutableReferences', 'evm.deployedBytecode.linkReferences'];
const input = {
  language: 'Solidity',
  sources: { 'contracts.sol': { content: fs.readFileSync(path.join(here, 'contracts.sol'), 'utf8') } },
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: 'paris',
    outputSelection: { '*': { '*': selection } },
  },
};
const read = (name) => ({ contents: fs.readFileSync(path.join(installed, name), 'utf8') });
fs.writeFileSync(output, solc.compile(JSON.stringify(input), { import: read }));
