"""A formula, whichever cells hold it: what it says and what it reads."""

import itertools

from sheetlab.engine.lowering import Interpreted, Operation, all_parts, lowered
from sheetlab.engine.syntax.expression import Area, Expression, walk
from sheetlab.engine.syntax.postfix import Postfix
from sheetlab.messages import Message

# What names stand for makes a formula of more parts than a text has, which takes long to lower.
_MOST_PARTS = 10_000


class Formula:
    """A resolved expression, and all areas that it reads.

    One that is `dynamic` reads others as well; a `volatile` one has another result each time.
    `flaw` says why a text is no formula. What is `postfix`, at some `place`, becomes an expression
    where that is asked for, whose areas name no sheet where they lie on that of the cell.
    """

    __slots__ = (
        "_expression",
        "_program",
        "_reads",
        "_size",
        "dynamic",
        "flaw",
        "place",
        "postfix",
        "volatile",
    )

    def __init__(
        self,
        expression: Expression | None,
        reads: tuple[Area, ...] | None = (),
        dynamic: bool = False,
        volatile: bool = False,
        *,
        flaw: Message | None = None,
        postfix: Postfix | None = None,
        place: int = 0,
    ) -> None:
        self._expression = expression
        self._reads = reads
        self.dynamic = dynamic
        self.volatile = volatile
        self.flaw = flaw
        self.postfix = postfix
        self.place = place
        self._program: Operation | None = None
        self._size = 0

    @property
    def reads(self) -> tuple[Area, ...]:
        """The areas."""
        if self._reads is None:
            assert self.postfix is not None
            self._reads = self.postfix.reads(self.place)
        return self._reads

    @property
    def expression(self) -> Expression:
        """What it says."""
        if self._expression is None:
            assert self.postfix is not None
            self._expression = self.postfix.expression(self.place, self.reads)
        return self._expression

    @property
    def program(self) -> Operation:
        """The same, lowered."""
        if self._program is None:
            expression = self.expression
            is_long = next(itertools.islice(walk(expression), _MOST_PARTS, None), None)
            self._program = (
                lowered(expression) if is_long is None else Interpreted(expression, False)
            )
        return self._program

    @property
    def size(self) -> int:
        """The number of operations of its program."""
        if not self._size:
            self._size = sum(1 for _ in all_parts(self.program))
        return self._size
