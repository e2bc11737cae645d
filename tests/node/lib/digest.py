# SPDX-License-Identifier: Apache-2.0
"""The digest of a channel, made from nothing but its records: {"<key>": [version, value]} as the
text of RFC 8785, hashed. Reads [{"key", "version", "value"}, ...] from standard input."""

import hashlib
import json
import sys


def number(value):
    """Number::toString of ECMA-262: repr() finds the same digits, and places them otherwise."""
    if value == 0:
        return '0'
    mantissa, _, exponent = f'{abs(value)!r}'.partition('e')
    whole, _, fraction = mantissa.partition('.')
    digits = (whole + fraction).lstrip('0')
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip('0')
    sign = '-' if value < 0 else ''
    if len(digits) <= point <= 21:
        return sign + digits + '0' * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + '.' + digits[point:]
    if -6 < point <= 0:
        return sign + '0.' + '0' * -point + digits
    rest = '.' + digits[1:] if len(digits) > 1 else ''
    return f'{sign}{digits[0]}{rest}e{"+" if point > 0 else "-"}{abs(point - 1)}'


def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode('utf-16-be'))
        return '{' + ','.join(canonical(name) + ':' + canonical(value[name]) for name in names) + '}'
    if isinstance(value, list):
        return '[' + ','.join(map(canonical, value)) + ']'
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(float(value))
    return json.dumps(value, ensure_ascii=False)


records = {each['key']: [each['version'], each['value']] for each in json.load(sys.stdin)}
print(hashlib.sha256(canonical(records).encode()).hexdigest())
