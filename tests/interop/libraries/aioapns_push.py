"""Pushes by aioapns, see program.js. The arguments: IDENTITY ENVIRONMENT."""
import asyncio
import json
import os
import ssl
import sys
import tempfile

from aioapns import APNs, NotificationRequest, PushType
from aioapns.connection import APNsTLSClientProtocol

ENV = os.environ


def context():
    return ssl.create_default_context(cafile=ENV["APNSLAB_CA_FILE"])


def client_of(identity, folder):
    if identity == "provider-token":
        return APNs(key=ENV["APNSLAB_P8_FILE"], key_id=ENV["APNSLAB_KEY_ID"], team_id=ENV["APNSLAB_TEAM_ID"],
                    topic=ENV["APNSLAB_TOPIC"], ssl_context=context())
    both = os.path.join(folder, "both.pem")  # it takes certificate and key from one file
    with open(both, "w", encoding="ascii") as file:
        for part in ("APNSLAB_CERT_FILE", "APNSLAB_KEY_FILE"):
            with open(ENV[part], encoding="ascii") as source:
                file.write(source.read())
    return APNs(client_cert=both, ssl_context=context())  # the topic is the certificate's


async def push(client, line):
    wanted = json.loads(line)
    request = NotificationRequest(device_token=wanted["device_token"], message={"aps": {"alert": wanted["alert"]}},
                                  push_type=PushType.ALERT)
    result = await client.send_notification(request)
    report = {"status": int(result.status), "apnsId": result.notification_id}
    if result.is_successful:
        return {"outcome": "sent", **report}
    return {"outcome": "rejected", "reason": result.description, **report}


async def main():
    identity, environment = sys.argv[1:]
    server = type("Server", (APNsTLSClientProtocol,), {
        "APNS_SERVER": ENV["APNSLAB_HOST"],
        "APNS_PORT": int(ENV["APNSLAB_HTTP2_PORT" + ("_DEVELOPMENT" if environment == "development" else "")])})
    with tempfile.TemporaryDirectory() as folder:
        client = client_of(identity, folder)
        client.pool.protocol_class = server
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await push(client, line)), flush=True)
        client.pool.close()


asyncio.run(main())
