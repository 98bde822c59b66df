// Judges the ledger of a run of apnagent_app.js: which environment got what. $1: the file.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');

const events = fs.readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const token = (n) => 'c0'.repeat(28) + n.toString(16).padStart(8, '0');
const gone = `fa11feed${'0'.repeat(56)}`;
const expected = [1, 2, 3, 5, 6, 7, 8, 9, 10].map(token).concat(gone);

function tokens(environment, outcome) {
  return events.filter((e) => e.event === 'notification' && e.environment === environment && e.outcome === outcome)
    .map((e) => e.device_token);
}
assert.deepStrictEqual(tokens('production', 'accepted'), expected); // once each, in order, the tail resent
assert.deepStrictEqual(tokens('production', 'rejected'), [`fa11b008${'0'.repeat(56)}`]);
assert.deepStrictEqual(tokens('development', 'accepted'), ['d1'.repeat(32)]);
assert.deepStrictEqual(tokens('development', 'rejected'), []);

const reads = events.filter((e) => e.event === 'feedback' && e.outcome === 'read');
const tuples = (environment) => reads.filter((e) => e.environment === environment).reduce((sum, e) => sum + e.tuples, 0);
assert.strictEqual(tuples('production'), 1);
assert.strictEqual(tuples('development'), 0);
assert.ok(reads.some((e) => e.environment === 'development'), 'the development list was never read');
console.log(`${expected.length} accepted once each in production, 1 in development; ${reads.length} lists read`);
