"""apnslab exec -- python3 -m unittest"""

import os
import unittest

import apnslab
from notifier import Notifier

ENV = os.environ
PHONE = ENV["APNSLAB_DEVICE_TOKEN"]


class NotifierTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.notifier = Notifier(
            host=ENV["APNSLAB_HOST"], port=int(ENV["APNSLAB_GATEWAY_PORT"]),
            ca=ENV["APNSLAB_CA_FILE"], cert=ENV["APNSLAB_CERT_FILE"], key=ENV["APNSLAB_KEY_FILE"])

    @classmethod
    def tearDownClass(cls):
        cls.notifier.close()

    def setUp(self):
        apnslab.reset()
        self.notifier.gone.clear()

    def test_the_phone_shows_that_the_order_is_on_its_way(self):
        self.notifier.shipped(PHONE, 4711)
        apnslab.expect({"event": "notification", "outcome": "accepted", "payload": {"order": 4711}})
        apnslab.expect({
            "event": "delivery", "outcome": "delivered", "device": "phone",
            "shown": {"place": "lock-screen", "body": "Order 4711 is on its way", "badge": 1}})

    def test_a_device_token_that_is_no_good_is_reported(self):
        apnslab.arm({"nth": 1}, {"reject": 8}, times=1)
        self.notifier.shipped(PHONE, 4712)
        self.notifier.flush()
        self.assertEqual(self.notifier.gone, [PHONE])

    def test_what_was_sent_behind_a_bad_one_is_sent_again(self):
        apnslab.arm({"nth": 2}, {"reject": 8}, times=1)
        for order in (1, 2, 3, 4):
            self.notifier.shipped(PHONE, order)
        self.notifier.flush()
        accepted = apnslab.expect({"event": "notification", "outcome": "accepted"}, count=3)
        self.assertEqual([event["payload"]["order"] for event in accepted], [1, 3, 4])

    def test_a_phone_that_is_offline_gets_the_newest_when_it_comes_back(self):
        apnslab.phone("phone", online=False)
        self.notifier.shipped(PHONE, 1)
        self.notifier.shipped(PHONE, 2)
        apnslab.expect({"event": "delivery", "outcome": "replaced"})
        apnslab.phone("phone", online=True)
        [delivered] = apnslab.expect({"event": "delivery", "outcome": "delivered"})
        self.assertEqual(delivered["shown"]["body"], "Order 2 is on its way")


if __name__ == "__main__":
    unittest.main()
