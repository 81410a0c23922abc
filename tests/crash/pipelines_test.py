#!/usr/bin/env python3
"""The oracles themselves: whole contents are accepted, contents with a row too few or too many are not."""
import random
import sys
import unittest

sys.dont_write_bytecode = True
import changed_log  # noqa: E402
import pipelines  # noqa: E402


def fed(count):
    chance = random.Random(4)
    rows = [[], []]
    for i in range(count):
        seconds = max(0.0, i * 0.1 + chance.uniform(-1, 1) - (8 if i % 9 == 8 else 0))
        rows[i % 2].append({"id": i, "a": i % 3, "b": (i + 1) % 4, "v": 1 + chance.randrange(90), "seconds": seconds})
    return rows


class Oracles(unittest.TestCase):
    def test_whole_contents_are_not_torn(self):
        for pipeline in pipelines.ALL:
            with self.subTest(pipeline.name):
                rows = fed(100)
                self.assertEqual(pipeline.torn(pipeline.complete(rows), rows), "")

    def test_a_row_too_few_is_torn(self):
        for pipeline in pipelines.ALL:
            if pipeline.name in ("global", "idle"):
                continue  # has one row; is not looked at before its end
            with self.subTest(pipeline.name):
                rows = fed(100)
                contents = pipeline.complete(rows)
                # Of filter: not the last of its partition, without which it is a shorter beginning.
                contents[next(iter(contents))] -= 1
                contents += type(contents)()
                self.assertNotEqual(pipeline.torn(contents, rows), "")

    def test_a_total_that_was_never_true_is_torn(self):
        one = pipelines.Global()
        contents = pipelines.collections.Counter([pipelines.row(one=1, n=3, total=7, negative=-6)])
        self.assertNotEqual(one.torn(contents, fed(3)), "")

    def test_late_rows_are_dead_letters_and_in_no_window(self):
        hopping, rows = pipelines.Hopping(), fed(100)
        late = hopping.dead_letters(rows)
        self.assertGreater(len(late), 4)
        counted = sum(dict(r)["n"] for r in hopping.complete(rows))
        self.assertEqual(counted, (100 - len(late) // 2) * 3)   # size / slide windows a row

    def test_of_what_was_late_by_the_time_log_the_dead_letters_tell(self):
        idle, rows = pipelines.Idle(), fed(100)
        letters = [(query, 1, 3) for query in ("to_log", "to_file")]
        counted = sum(dict(r)["n"] for r in idle.of_letters(rows, letters).elements())
        self.assertEqual((sum(dict(r)["n"] for r in idle.complete(rows)), counted), (100, 99))

    def test_saying_something_again_is_counted(self):
        transfers = pipelines.Transfers()
        said = [{"k": 1, "n": 1, "total": 4}, {"k": 1, "n": 2, "total": 5}, {"k": 2, "n": 1, "total": 5}]
        self.assertEqual(transfers.repeated(said), 0)
        self.assertEqual(transfers.repeated(said + said[:2]), 2)
        deleted = {"k": 1, pipelines.DELETED: True}
        self.assertEqual(len(transfers.contents(said + [deleted])), 1)

    def test_the_checksum_is_the_logs(self):
        self.assertEqual(changed_log.crc32c(b"123456789"), 0xE3069283)   # RFC 3720, appendix B.4 and others

    def test_times_print_as_kappa_prints_them(self):
        self.assertEqual(pipelines.time_text(61.25), "2024-01-01 00:01:01.25")
        self.assertEqual(pipelines.time_text(-2), "2023-12-31 23:59:58")


if __name__ == "__main__":
    unittest.main()
