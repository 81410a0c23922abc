"""CSV as Python's csv module reads it (strict), and as kappa does: 10,000 mutated documents.

Up to the first record that Python refuses the records are equal, and that one kappa refuses too. Usage: csv_oracle.py CSV_ORACLE_BINARY [COUNT] [SEED]
"""
import csv
import io
import json
import random
import subprocess
import sys

SEEDS = [
    'a,b,c\n1,2,3\n4,5,6\n',
    'id,name\r\n1,"Smith, John"\r\n2,"say ""hi"""\r\n',
    '"multi\nline",x\n"two\r\nlines",y\r\nz,"end"',
    'a;b;c\n1;"x;y";3\n;;\n"";"";""\n',
    'x\ty\n"a\tb"\tc\n',
    'one\n\ntwo\n\n\n"three"\n',
    "q,'it''s',r\n'a,b',c,'d\ne'\n",
    'ünï,"cödé","日本語"\n"é,é",🙂,x\n',
    'a,b\r1,2\r"x\ry",z\r',
    '5" disk,ok\n"closed"x,no\nlast,"open\nto the end',
    ','.join(str(i) * (i % 7) for i in range(30)) + '\n' + '"' + 'w' * 300 + '",' + 'v' * 130 + '\n',
    '""\n"",""\n""""\n"""",""""""\n',
]
PIECES = ['"', '""', ',', ';', '\n', '\r\n', '\r', "'", '\t', 'x', ' ', '"a"', ',"', '",', '"\n', '\n"', 'é', '"""', '7']


def mutate(rng):
    text = rng.choice(SEEDS)
    if rng.random() < 0.3:
        text += rng.choice(SEEDS)
    for _ in range(rng.randrange(0, 7)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + rng.randrange(1, 4):]
        elif kind == 2:
            text = text[:at] + rng.choice(PIECES) + text[at + 1:]
        else:
            end = min(len(text), at + rng.randrange(1, 40))
            text = text[:end] + text[at:end] + text[end:]
    return text, rng.choice(',,,,;\t'), rng.choice('"""\'')


def python_reads(text, delimiter, quote):
    """Records, and whether the next one is refused."""
    records = []
    reader = csv.reader(io.StringIO(text, newline=''), delimiter=delimiter, quotechar=quote, strict=True)
    try:
        for record in reader:
            if record:
                records.append(record)
    except csv.Error:
        return records, True
    return records, False


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    documents = [mutate(rng) for _ in range(count)]
    data = b''
    parts = []
    for text, delimiter, quote in documents:
        raw = text.encode()
        parts.append(b'%d %d %d\n%s\n' % (ord(delimiter), ord(quote), len(raw), raw))
    data = b''.join(parts)
    answers = subprocess.run([binary], input=data, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(answers) == count, (len(answers), count)
    refused = wrong = fields = 0
    for (text, delimiter, quote), answer in zip(documents, answers):
        expected, fails = python_reads(text, delimiter, quote)
        got = json.loads(answer)
        fields += sum(map(len, expected))
        refused += fails
        right = isinstance(got, list) and got[:len(expected)] == expected
        right = right and (len(got) > len(expected) and 'error' in got[len(expected)] if fails else len(got) == len(expected))
        if not right:
            wrong += 1
            if wrong <= 5:
                print('document %r delimiter %r quote %r\n  python %r%s\n  kappa  %r' % (text, delimiter, quote, expected, ' then refused' if fails else '', got))
    print('%d documents, %d fields, %d refused by both, %d different' % (count, fields, refused, wrong))
    assert refused > count // 50 and refused < count  # both verdicts occur
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
