// What libraries of other languages have in common. Such a one has a program beside this file that pushes a line
// {"device_token": ..., "alert": ...} of its input and prints the report as a line of JSON, until its input ends. Its
// arguments are the identity and the environment; where the service is stands in the variables of `apnslab exec`.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');

// Whether `command` can be run and ends well.
exports.works = (command) => spawnSync(command[0], command.slice(1)).status === 0;

exports.opener = (interpreter, file) => async (service, identity) => {
  const child = spawn(interpreter[0], [...interpreter.slice(1), path.join(__dirname, file), identity, service.environment],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  child.stdin.on('error', () => {}); // its end is told by the missing line
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async push(deviceToken, alert) {
      child.stdin.write(`${JSON.stringify({ device_token: deviceToken, alert })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${file} ended with ${await ended}`);
      return JSON.parse(value);
    },
    async close() {
      child.stdin.end();
      const code = await ended;
      if (code !== 0) throw new Error(`${file} ended with ${code}`);
    },
  };
};
