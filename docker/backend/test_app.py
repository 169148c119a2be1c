#!/usr/bin/python3
"""Tests of the sample backend, run by docker/compose.test.yaml against a container: BACKEND is its address."""

import json
import os
import unittest
from urllib.error import HTTPError
from urllib.request import Request, urlopen

BACKEND = os.environ.get("BACKEND", "http://127.0.0.1:8000")


def ask(path, method="GET", body=None):
    with urlopen(Request(BACKEND + path, body and json.dumps(body).encode(), method=method), timeout=10) as answer:
        return answer.read().decode()


class Backend(unittest.TestCase):
    def test_the_seeds_are_there(self):
        jobs = [traveler["job_number"] for traveler in json.loads(ask("/travelers"))]
        self.assertEqual(sorted(jobs), ["7946L ASSYL", "8414L", "8744 PART"])

    def test_the_page_shows_them(self):
        self.assertIn("METSHIFT Assembly", ask("/"))

    def test_a_quantity_can_be_changed_and_nothing_else(self):
        changed = json.loads(ask("/travelers/8414L", "PATCH", {"quantity": 260}))
        self.assertEqual(changed["travelers"][0]["quantity"], 260)
        with self.assertRaises(HTTPError) as refused:
            ask("/travelers/8414L", "PATCH", {"job_number": "x"})
        self.assertEqual(refused.exception.code, 400)


if __name__ == "__main__":
    unittest.main()
