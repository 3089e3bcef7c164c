"""From the text of one Einsum to its object, by recursive descent.

    einsum   := access "=" [ head ":" ] sum
    head     := name "(" index { "," index } ")"
    access   := name [ "[" coord { "," coord } "]" ]
    coord    := index [ ("+"|"-") integer | "+" index ] | integer | RANK | "@" access
    sum      := product { ("+"|"-") product }
    product  := factor { ("*"|"/") factor }
    factor   := "-" factor | number | "inf" | "(" sum ")" | access | function "(" sum { "," sum } ")"
              | "size" "(" RANK ")" | "coord" "(" index ")"

An index begins with a lower-case letter or an underscore, a rank with a capital. Beyond the grammar of the
reference cascades there are ``size(K)`` and ``coord(k)``, an extent and an index as numbers, and the
functions ``lt``, ``le``, ``eq`` and ``where`` (masks), ``tanh`` and ``softplus``.
"""

from __future__ import annotations

from hwsim.einsum.functions import misspelt_operator
from hwsim.einsum.statement import Einsum, Head
from hwsim.einsum.text.parse_terms import TermParser
from hwsim.einsum.text.place import TextPlace


def parse_einsum(text: str, place: TextPlace | None = None) -> Einsum:
    """The Einsum in ``text``, which stands at ``place``.

    Raises:
        InputError: the text is no Einsum; the message says what was expected at which position.
    """
    return _EinsumParser(text, place or TextPlace(text)).einsum()


class _EinsumParser(TermParser):
    def einsum(self) -> Einsum:
        output = self.access("the tensor to be produced")
        self.expect("=", None if output.coords else "'['")
        head = self.head() if self.at_head() else None
        expression = self.sum()
        if not self.comes("end"):
            raise self.expected("an operator or the end of the Einsum")
        return Einsum(output, expression, head, self.place)

    def at_head(self) -> bool:
        """Whether ``name(...):`` comes next; without the colon it is an element function."""
        if not self.comes("name") or self.tokens[self.at + 1].text != "(":
            return False
        closing = next((at for at in range(self.at, len(self.tokens)) if self.tokens[at].text == ")"), None)
        return closing is not None and self.tokens[closing + 1].text == ":"

    def head(self) -> Head:
        name = self.take()
        likely = misspelt_operator(name.text)
        if likely:
            raise self.error(f"unknown operator {name.text!r}", name, f"did you mean {likely!r}?")
        self.expect("(")
        indices = [self.index()]
        while self.skip(","):
            indices.append(self.index())
        self.expect(")", "','")
        self.expect(":")
        return Head(name.text, tuple(indices), name.column)
