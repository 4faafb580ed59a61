// Tokens as npm's jose sees them, which shares no code with ours:
//
//	node check.mjs MODULES verify SET TOKEN AUDIENCE ISSUER TIME   exits with 1 and names jose's code of the failure
//	node check.mjs MODULES sign FOLDER TIME                        jose's own keys and tokens: theirs.jwks, ALG.token
import fs from 'fs';
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

try {
  await { verify, sign }[verb](...words);
} catch (error) {
  console.log(error.code || error);
  process.exit(1);
}
