// Run by `apnslab exec -- node`: a library pushes to both environments, once for each way in which it can show who it is.
// One notification is accepted, one has a device token of the other environment, and one is for an app that has gone.
// Prints what the library reported, as JSON. The arguments: PROGRAM LIBRARY ALERT.
'use strict';
const { execFileSync } = require('node:child_process');

const [program, libraryName, alert] = process.argv.slice(2);
const kTopic = 'com.example.app';

// The variables of exec, APNSLAB_CERT_FILE as cert_file and so on; host and port are those of the environment.
function serviceOf(environment) {
  const facts = Object.entries(process.env).filter(([key]) => key.startsWith('APNSLAB_'))
    .map(([key, value]) => [key.slice('APNSLAB_'.length).toLowerCase(), value]);
  const service = { environment, ...Object.fromEntries(facts) };
  service.port = Number(environment === 'production' ? service.http2_port : service.http2_port_development);
  return service;
}

function device(...words) {
  return execFileSync(program, ['device', ...words], { encoding: 'utf8' }).trim();
}

async function pushToAll(library, environment, identity) {
  const service = serviceOf(environment);
  const phone = `${environment}-${identity}`;
  // Two apps: a phone that loses its last one has no connection by which to say that it is gone.
  device('add', phone, '--app', kTopic, '--app', 'com.example.other',
    ...(environment === 'development' ? ['--development'] : []));
  const deviceToken = device('register', phone, kTopic);
  const tokens = { production: service.device_token, development: service.device_token_development };
  const { [environment]: known, ...others } = tokens;

  const provider = await library.open(service, identity);
  const reports = {};
  reports.sent = await provider.push(known, alert);
  reports.rejected = await provider.push(Object.values(others)[0], alert);
  device('uninstall', phone, kTopic);
  reports.sentAsTheAppGoes = await provider.push(deviceToken, alert); // the phone says so to the first one that comes
  reports.gone = await provider.push(deviceToken, alert);
  await provider.close();
  return { environment, identity, reports };
}

async function main() {
  const library = require(`./libraries/${libraryName}.js`);
  const runs = [];
  for (const identity of library.identities) {
    for (const environment of ['production', 'development']) runs.push(await pushToAll(library, environment, identity));
  }
  process.stdout.write(JSON.stringify(runs), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
