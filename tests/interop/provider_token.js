// Prints a provider token as Apple's documents describe it, made with Node's crypto: P8_FILE KEY_ID TEAM_ID.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');

const [file, keyId, teamId] = process.argv.slice(2);
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${part({ alg: 'ES256', kid: keyId })}.${part({ iss: teamId, iat: Math.floor(Date.now() / 1000) })}`;
const signature = crypto.sign('sha256', signed, { key: fs.readFileSync(file), dsaEncoding: 'ieee-p1363' });
process.stdout.write(`${signed}.${signature.toString('base64url')}`);
