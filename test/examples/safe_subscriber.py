#!/usr/bin/env python3
"""A robot's side of whorl, to be copied: which touch may be acted on now. Needs paho-mqtt, 1.6 or 2.

    python3 safe_subscriber.py 127.0.0.1 1883 tactile/v1/demo contact
"""

import json
import math
import sys
import time

# A message that took so much longer than the fastest one, waiting included, is too old to act on, in milliseconds.
MOST_LATE_MS = 250


class TouchListener:
    """Holds the last decision of one pipeline for as long as it may be trusted.

    Messages and the time come in as arguments; the time is any monotonic clock in milliseconds. A pipeline of which
    nothing was heard for `silence_ms` is not trusted: three times `health.heartbeatMs`.
    """

    def __init__(self, root, pipeline, silence_ms=300):
        self.root = root
        self.silence_ms = silence_ms
        # `state` is not among them: it is retained, and may be of yesterday.
        self.topics = [
            f"{root}/status",
            f"{root}/sensor/+/status",
            f"{root}/pipeline/{pipeline}/decision",
            f"{root}/pipeline/{pipeline}/result",
            f"{root}/pipeline/{pipeline}/heartbeat",
        ]
        self._connected = False
        self._forget("")

    def connected(self, is_up):
        """The connection to the broker is up, or down: then nothing is known any more."""
        self._connected = is_up
        self._forget("")

    def receive(self, topic, text, retained, now_ms):
        """Raises ValueError, KeyError or TypeError for what is no message of whorl."""
        message = json.loads(text)
        is_of_other = message["session"] != self._session
        # The will of a process that died may come when the next one is up already.
        if is_of_other and message.get("status") == "lost" and self._edge != "unknown":
            return
        if is_of_other:
            self._forget(message["session"])
        leaf = topic[len(self.root) + 1 :]
        if leaf == "status":
            self._edge = message["status"]
        elif leaf.startswith("sensor/"):
            self._sensors[message["sensor"]] = message["status"]
        elif retained:
            return
        else:
            late_ms = self._lateness(message, now_ms)
            if late_ms <= MOST_LATE_MS:  # what was on its way for long says nothing of now
                self._heard_ms = now_ms
            if leaf.endswith("/decision"):
                self._decide(message, now_ms, late_ms)

    def touch(self, now_ms):
        """The label to act on now, or None: hold, slow down, or do whatever is safe without a sense of touch."""
        return self._decision["label"] if self.blind(now_ms) is None else None

    def blind(self, now_ms):
        """Why there is no touch to act on; None when there is one."""
        if not self._connected:
            return "no broker"
        if self._edge not in ("ready", "degraded"):
            return f"the edge is {self._edge}"
        if now_ms - self._heard_ms > self.silence_ms:
            return "silence"
        if self._decision is None:
            return "no decision"
        for sensor in self._decision["sensors"]:
            state = self._sensors.get(sensor)
            if state != "online":
                return f"sensor {sensor} is {state}"
        return None if now_ms < self._until_ms else "no decision"

    def _lateness(self, message, now_ms):
        """How much longer than the fastest message this one took, in milliseconds."""
        transit_ms = now_ms - message["t"]["mono_us"] / 1000
        self._fastest_ms = min(self._fastest_ms, transit_ms)
        return transit_ms - self._fastest_ms

    def _decide(self, message, now_ms, late_ms):
        if self._decision is not None and self._decision["seq"] == message["seq"]:
            return  # QoS 1 may bring it twice: it is no younger for that
        waited_us = message["t"].get("publish_us", 0) - message["t"].get("decision_us", 0)
        old_ms = late_ms + max(0, waited_us) / 1000  # it may have waited for the broker
        self._decision = message
        self._until_ms = now_ms if old_ms > MOST_LATE_MS else now_ms + message["valid_ms"] - old_ms

    def _forget(self, session):
        """Another process speaks, with other clocks and numbers."""
        self._session = session
        self._edge = "unknown"
        self._sensors = {}
        self._decision = None
        self._until_ms = -math.inf
        self._fastest_ms = math.inf
        self._heard_ms = -math.inf


def now():
    return 1000 * time.monotonic()


def listen(host, port, listener):
    """Keeps `listener` informed, from a thread of its own."""
    import paho.mqtt.client as mqtt

    versions = getattr(mqtt, "CallbackAPIVersion", None)  # paho 2 asks for it
    client = mqtt.Client(versions.VERSION2) if versions else mqtt.Client()

    def on_connect(client, *_):
        listener.connected(True)
        client.subscribe([(topic, 1) for topic in listener.topics])

    client.on_connect = on_connect
    client.on_disconnect = lambda *_: listener.connected(False)

    def on_message(_client, _data, message):
        try:
            listener.receive(message.topic, message.payload, message.retain, now())
        except (ValueError, KeyError, TypeError) as error:
            print(f"{message.topic}: {error!r}", file=sys.stderr)

    client.on_message = on_message
    client.reconnect_delay_set(1, 2)
    client.connect_async(host, port, keepalive=5)
    client.loop_start()
    return client


def main(host="127.0.0.1", port="1883", root="tactile/v1/demo", pipeline="contact"):
    """The control loop of the example: looks every 10 ms and prints what changes."""
    listener = TouchListener(root, pipeline)
    listen(host, int(port), listener)
    before = None
    while True:
        label = listener.touch(now())
        text = label if label is not None else f"no touch: {listener.blind(now())}"
        if text != before:
            print(text, flush=True)
        before = text
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
