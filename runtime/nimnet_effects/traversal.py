"""Walking over mypy's trees.

mypy has visitors of its own, compiled; code that is not compiled cannot be derived from them. This
one looks up what to do by the class of a node, and does not come to leaves at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from mypy import nodes
from mypy.nodes import (
    AssertTypeExpr,
    Block,
    CastExpr,
    ConditionalExpr,
    DictExpr,
    Expression,
    IfStmt,
    ListComprehension,
    ListExpr,
    Node,
    ReturnStmt,
    RevealExpr,
    SetComprehension,
    SetExpr,
    SliceExpr,
    StarExpr,
    TupleExpr,
    TypeApplication,
    WhileStmt,
)

# Each method takes its own class of nodes.
_Visit: TypeAlias = Callable[[Any], None]

VISITED: Final = {
    "AssertStmt": "_assert_stmt",
    "AssertTypeExpr": "_inner",
    "AssignmentExpr": "_assignment_expr",
    "AssignmentStmt": "_assignment_stmt",
    "AwaitExpr": "_await_expr",
    "Block": "_block_of",
    "CallExpr": "_call_expr",
    "CastExpr": "_inner",
    "ClassDef": "_class_def",
    "ComparisonExpr": "_comparison_expr",
    "ConditionalExpr": "_conditional_expr",
    "Decorator": "_decorator",
    "DelStmt": "_del_stmt",
    "DictExpr": "_dict_expr",
    "DictionaryComprehension": "_dictionary_comprehension",
    "ExpressionStmt": "_expression_stmt",
    "ForStmt": "_for_stmt",
    "FuncDef": "_func_def",
    "GeneratorExpr": "_generator_expr",
    "GlobalDecl": "_global_decl",
    "IfStmt": "_if_stmt",
    "IndexExpr": "_index_expr",
    "LambdaExpr": "_lambda_expr",
    "ListComprehension": "_comprehension",
    "ListExpr": "_items",
    "MatchStmt": "_match_stmt",
    "MemberExpr": "_member_expr",
    "NonlocalDecl": "_global_decl",
    "OpExpr": "_op_expr",
    "OperatorAssignmentStmt": "_operator_assignment_stmt",
    "OverloadedFuncDef": "_overloaded_func_def",
    "RaiseStmt": "_raise_stmt",
    "ReturnStmt": "_return_stmt",
    "RevealExpr": "_reveal_expr",
    "SetComprehension": "_comprehension",
    "SetExpr": "_items",
    "SliceExpr": "_slice_expr",
    "StarExpr": "_inner",
    "SuperExpr": "_super_expr",
    "TemplateStrExpr": "_template_str_expr",
    "TryStmt": "_try_stmt",
    "TupleExpr": "_items",
    "TypeApplication": "_inner",
    "UnaryExpr": "_unary_expr",
    "WhileStmt": "_while_stmt",
    "WithStmt": "_with_stmt",
    "YieldExpr": "_yield_expr",
    "YieldFromExpr": "_yield_from_expr",
}
"""By the name of a class of nodes: some are not in every version of mypy."""
_METHODS: Final[dict[type[Node], str]] = {
    getattr(nodes, name): method for name, method in VISITED.items() if hasattr(nodes, name)
}


class Traverser:
    """Visits nodes and what is in them. Derived classes have the methods that are not here."""

    def __init__(self) -> None:
        """Bind the methods to the classes of nodes that this mypy has."""
        self._visits: dict[type[Node], _Visit] = {
            kind: getattr(self, method) for kind, method in _METHODS.items()
        }

    def visit(self, node: Node) -> None:
        """Visit a node, if there can be anything in it."""
        visit = self._visits.get(type(node))
        if visit is not None:
            visit(node)

    def _block_of(self, o: Block) -> None:
        if o.is_unreachable:
            # On another platform: mypy has made no classes, nor anything else, of what is there.
            return
        visits = self._visits
        for statement in o.body:
            visit = visits.get(type(statement))
            if visit is not None:
                visit(statement)

    def _condition(self, o: Expression) -> None:
        """Visit what is asked whether it is true."""
        self.visit(o)

    def _inner(self, o: CastExpr | AssertTypeExpr | StarExpr | TypeApplication) -> None:
        self.visit(o.expr)

    def _items(self, o: ListExpr | SetExpr | TupleExpr) -> None:
        for item in o.items:
            self.visit(item)

    def _conditional_expr(self, o: ConditionalExpr) -> None:
        self._condition(o.cond)
        self.visit(o.if_expr)
        self.visit(o.else_expr)

    def _dict_expr(self, o: DictExpr) -> None:
        for key, value in o.items:
            if key is not None:
                self.visit(key)
            self.visit(value)

    def _comprehension(self, o: ListComprehension | SetComprehension) -> None:
        self.visit(o.generator)

    def _slice_expr(self, o: SliceExpr) -> None:
        for part in (o.begin_index, o.end_index, o.stride):
            if part is not None:
                self.visit(part)

    def _template_str_expr(self, o: Any) -> None:  # which older versions of mypy do not have
        for item in o.items:
            if isinstance(item, tuple):
                self.visit(item[0])
                if item[3] is not None:
                    self.visit(item[3])
            else:
                self.visit(item)

    def _reveal_expr(self, o: RevealExpr) -> None:
        if o.expr is not None:
            self.visit(o.expr)

    def _if_stmt(self, o: IfStmt) -> None:
        for condition in o.expr:
            self._condition(condition)
        for body in o.body:
            self._block_of(body)
        if o.else_body is not None:
            self._block_of(o.else_body)

    def _while_stmt(self, o: WhileStmt) -> None:
        self._condition(o.expr)
        self._block_of(o.body)
        if o.else_body is not None:
            self._block_of(o.else_body)

    def _return_stmt(self, o: ReturnStmt) -> None:
        if o.expr is not None:
            self.visit(o.expr)
