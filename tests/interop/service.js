// `apnslab serve` on free ports, for tests in Node.
'use strict';
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

class Service {
  // Resolves when the ports are open.
  static async start(program, options = []) {
    const service = new Service(program, options);
    await service.open;
    service.ready = JSON.parse(fs.readFileSync(service.readyFile, 'utf8'));
    return service;
  }

  constructor(program, options) {
    this.program = program;
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'apnslab-interop-'));
    this.readyFile = path.join(this.dir, 'ready');
    this.state = path.join(this.dir, 'state');
    this.out = '';
    this.log = '';
    this.child = spawn(program,
      ['serve', '--port', '0', '--state', this.state, '--ready-file', this.readyFile, '--json', ...options],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (data) => { this.out += data; });
    this.ended = new Promise((resolve) => { this.child.on('close', resolve); });
    this.open = new Promise((resolve, reject) => {
      this.child.stderr.on('data', (data) => { // the banner comes when the ports are open
        this.log += data;
        resolve();
      });
      this.child.on('exit', (code) => reject(new Error(`serve ended with ${code}: ${this.log}`)));
    });
  }

  // What `apnslab device` prints.
  async device(...words) {
    return (await promisify(execFile)(this.program, ['device', ...words, '--state', this.state])).stdout;
  }

  kill() {
    this.child.kill('SIGKILL');
  }

  // The whole ledger.
  async stop() {
    this.child.kill('SIGTERM');
    const code = await this.ended;
    if (code !== 0) throw new Error(`serve ended with ${code}: ${this.log}`);
    fs.rmSync(this.dir, { recursive: true });
    return this.out.split('\n').filter((line) => line.includes('"seq"')).map((line) => JSON.parse(line));
  }
}

module.exports = { Service };
