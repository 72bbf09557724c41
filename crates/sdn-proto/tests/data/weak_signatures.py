"""Writes signatures that a lenient verifier accepts and a strict one must not, without code of the project.

usage: python3 weak_signatures.py > weak_signatures.json
"""
import base64
import hashlib
import itertools
import json

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
IDENTITY = (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def multiply(scalar, point):
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def encode(y, sign):
    return (y | sign << 255).to_bytes(32, "little")


def compress(point):
    return encode(point[1], point[0] & 1)


def decompress(data):
    """The point of an encoding, canonical or not; None if there is none."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255 % P, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (x if x & 1 == sign else -x % P), y


BASE = decompress(encode(4 * pow(5, -1, P) % P, 0))


def challenge(r, key, message):
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little")


def lenient(key, r, s, message):
    """Checks only the equation."""
    k_a = multiply(challenge(r, key, message) % (8 * L), decompress(key))
    return multiply(s % L, BASE) == add(decompress(r), k_a)


def small_order():
    """Every encoding of every point that times eight is the identity."""
    for y in itertools.chain(torsion_ys(), [P, P + 1]):
        for sign in (0, 1):
            point = decompress(encode(y, sign))
            if point is not None:
                assert multiply(8, point) == IDENTITY
                yield encode(y, sign)


def torsion_ys():
    for y in itertools.count(2):
        point = decompress(encode(y, 0))
        generator = multiply(L, point) if point else IDENTITY
        if multiply(4, generator) != IDENTITY:
            return sorted({multiply(n, generator)[1] for n in range(8)})


def text(data):
    return base64.b64encode(data).decode().rstrip("=")


def message(n):
    return b'{"n":%d}' % n


def entry(key, r, s, n, expect):
    signature = text(r + s.to_bytes(32, "little"))
    signed = {"n": n, "signatures": {"id.example": {"ed25519:0": signature}}}
    return {"public_key": text(key), "signed": signed, "expect": expect}


def forged(key, r, s, n, expect):
    assert lenient(key, r, s, message(n)), key.hex()
    return entry(key, r, s, n, expect)


def cases():
    seed = hashlib.sha256(b"weak signatures").digest()
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    key = compress(multiply(secret, BASE))

    nonce = int.from_bytes(hashlib.sha512(digest[32:] + message(0)).digest(), "little") % L
    r = compress(multiply(nonce, BASE))
    s = (nonce + challenge(r, key, message(0)) * secret) % L
    yield forged(key, r, s, 0, "valid")
    for times in (1, 2, 15):
        yield forged(key, r, s + times * L, 0, "wrong signature")

    for encoded in (compress(IDENTITY), encode(1, 1), encode(P + 1, 0), encode(P + 1, 1)):
        fitting = challenge(encoded, key, message(0)) * secret % L
        yield forged(key, encoded, fitting, 0, "wrong signature")

    for weak in small_order():
        n = next(n for n in itertools.count() if challenge(r, weak, message(n)) % 8 == 0)
        yield forged(weak, r, nonce, n, "weak key")

    # Nobody can sign with the other keys that are not their point's own encoding: their private keys are not known.
    for y, sign in itertools.product(range(P + 2, 2**255), (0, 1)):
        if decompress(encode(y, sign)) is not None:
            yield entry(encode(y, sign), r, s, 0, "weak key")


print("[\n" + ",\n".join(json.dumps(case) for case in cases()) + "\n]")
