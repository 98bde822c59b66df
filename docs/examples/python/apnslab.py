"""The control API of the service that `apnslab exec` started. Copy this file beside your tests."""

import json
import os
import urllib.error
import urllib.request

# A service in another container has one; that of exec has none.
SECRET = os.environ.get("APNSLAB_SECRET")
HEADERS = {"Authorization": f"Bearer {SECRET}"} if SECRET else {}


def ask(method, path, body=None):
    request = urllib.request.Request(
        os.environ["APNSLAB_CONTROL_URL"] + path, method=method, headers=HEADERS,
        data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        # What was wrong, and for an expectation what came nearest.
        problem = json.load(error)
        nearest = json.dumps(problem.get("nearest", ""), indent=2)
        raise AssertionError(f"{problem['title']} {problem.get('detail', '')}\n{nearest}") from None
    return json.loads(text) if text else None


def reset():
    """World, faults, ledger and clock as at the start; connections stay open."""
    ask("POST", "/reset")


def expect(match, **options):
    """Waits until so many events of the ledger match; options: count, within, after."""
    return ask("POST", "/expect", {"match": match, **options})["items"]


def arm(when, then, **options):
    """Arms a fault rule; options: times, name."""
    return ask("POST", "/faults", {"when": when, "then": then, **options})


def phone(name, **change):
    return ask("PATCH", f"/devices/{name}", change)
