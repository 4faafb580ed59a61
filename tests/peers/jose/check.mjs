// Tokens as npm's jose sees them, which shares no code with ours:
//
//	node check.mjs MODULES verify SET TOKEN AUDIENCE ISSUER TIME   exits with 1 and names jose's code of the failure
//	node check.mjs MODULES sign FOLDER TIME                        jose's own keys and tokens: theirs.jwks, ALG.token
//	node check.mjs MODULES serve SET AUDIENCE ISSUER TIMEFILE      a node that wants a token; its port on standard output
import fs from 'fs';
import http from 'http';
import path from 'path';

const [modules, verb, ...words] = process.argv.slice(2);
const home = path.join(modules, 'node_modules/jose');
const main = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8')).exports['.'].import;
const jose = await import(path.join(home, main));

async function verify(setFile, tokenFile, audience, issuer, time) {
  const set = JSON.parse(fs.readFileSync(setFile, 'utf8'));
  for (const key of set.keys) {
    if ((await jose.calculateJwkThumbprint(key)) !== key.kid) throw new Error(`${key.kid} is no thumbprint`);
  }
  const token = fs.readFileSync(tokenFile, 'utf8').trimEnd();
  const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(set), {
    audience,
    issuer,
    currentDate: new Date(time),
    typ: 'JWT',
    maxTokenAge: '1h',
    requiredClaims: ['sub', 'jti', 'exp', 'nbf', 'iat'],
  });
  console.log(protectedHeader.alg, payload.sub, payload.scope, (payload.permissions || []).join(' '));
}

async function sign(folder, time) {
  const now = Date.parse(time) / 1000;
  const keys = [];
  const write = (name, token) => fs.writeFileSync(path.join(folder, `${name}.token`), token + '\n');
  for (const alg of ['RS256', 'ES256', 'ES384', 'EdDSA']) {
    const pair = await jose.generateKeyPair(alg, { extractable: true });
    const jwk = await jose.exportJWK(pair.publicKey);
    const kid = await jose.calculateJwkThumbprint(jwk);
    keys.push({ ...jwk, kid, alg, use: 'sig' });
    const token = (from, until) =>
      new jose.SignJWT({ scope: 'read', permissions: ['eth:*'] })
        .setProtectedHeader({ alg, kid, typ: 'JWT' })
        .setIssuer('them')
        .setSubject('monitor')
        .setAudience(['n1', 'n2'])
        .setJti('1')
        .setIssuedAt(from)
        .setNotBefore(from)
        .setExpirationTime(until)
        .sign(pair.privateKey);
    write(alg, await token(now, now + 900));
    write(`${alg}-long`, await token(now, now + 3601));
  }
  fs.writeFileSync(path.join(folder, 'theirs.jwks'), JSON.stringify({ keys }));
}

const recording = new URL('../../data/evm/qbft-votes.jsonl', import.meta.url);
const exchanges = fs.readFileSync(recording, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const block = exchanges.find((one) => one.method === 'eth_getBlockByNumber').response.result;
const results = { eth_getBlockByNumber: block, eth_coinbase: `0x${'cd'.repeat(20)}` };

// As Besu lets a method be called: by its name, its name space or all.
function permits(permissions, method) {
  const [space, name] = method.split('_');
  return ['*:*', `${space}:*`, `${space}:${name}`].some((one) => permissions.includes(one));
}

async function serve(setFile, audience, issuer, timeFile) {
  const set = jose.createLocalJWKSet(JSON.parse(fs.readFileSync(setFile, 'utf8')));
  const answer = async (request, body) => {
    const token = (request.headers.authorization || '').replace(/^Bearer /, '');
    const currentDate = new Date(fs.readFileSync(timeFile, 'utf8').trim());
    const { payload } = await jose.jwtVerify(token, set, { audience, issuer, currentDate });
    const { id, method } = JSON.parse(body);
    if (!permits(payload.permissions, method)) throw new Error(`${method} is not permitted`);
    return JSON.stringify({ jsonrpc: '2.0', id, result: results[method] });
  };
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    try {
      response.end(await answer(request, body));
    } catch (error) {
      console.error(error.code || error.message);
      response.writeHead(401).end();
    }
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

try {
  await { verify, sign, serve }[verb](...words);
} catch (error) {
  console.log(error.code || error);
  process.exit(1);
}
