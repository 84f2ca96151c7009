package io.freehub.query;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a condition is made of. Its meaning is that of {@link Evaluator}; it knows three truth values, for what has no
 * answer is undefined and stays so through {@link Not}.
 */
public sealed interface Expression
        permits Path,
                Expression.Literal,
                Expression.Comparison,
                Expression.In,
                Expression.And,
                Expression.Or,
                Expression.Not,
                Expression.Arithmetic,
                Expression.Call {

    /** No expression nests deeper. */
    int MAX_DEPTH = 100;

    /** A value that stands in the text. */
    record Literal(Value value) implements Expression {}

    /**
     * A comparison. Undefined if a side is undefined, an array or an object. Values of different types are not equal, and
     * have no order; nor have truth values.
     */
    record Comparison(Operator operator, Expression left, Expression right) implements Expression {

        /** How to compare. */
        public enum Operator {
            EQUAL("="),
            NOT_EQUAL("!="),
            LESS("<"),
            LESS_OR_EQUAL("<="),
            GREATER(">"),
            GREATER_OR_EQUAL(">=");

            private final String symbol;

            Operator(String symbol) {
                this.symbol = symbol;
            }

            /** As it is written. */
            public String symbol() {
                return symbol;
            }

            /** Whether it asks for the order, and not just for equality. */
            public boolean isOrder() {
                return this != EQUAL && this != NOT_EQUAL;
            }

            /** The answer for the sign of {@code left.compareTo(right)}. */
            boolean holds(int sign) {
                return switch (this) {
                    case EQUAL -> sign == 0;
                    case NOT_EQUAL -> sign != 0;
                    case LESS -> sign < 0;
                    case LESS_OR_EQUAL -> sign <= 0;
                    case GREATER -> sign > 0;
                    case GREATER_OR_EQUAL -> sign >= 0;
                };
            }
        }
    }

    /**
     * Whether the operand equals one of the elements, or, if negated, none. No elements: false, or true.
     *
     * @param elements primitive values
     */
    record In(Expression operand, List<Value> elements, boolean negated) implements Expression {
        public In {
            elements = List.copyOf(elements);
        }
    }

    /** False if one operand is false, else undefined if one is not a truth value. */
    record And(List<Expression> operands) implements Expression {
        public And {
            operands = List.copyOf(operands);
        }
    }

    /** True if one operand is true, else undefined if one is not a truth value. */
    record Or(List<Expression> operands) implements Expression {
        public Or {
            operands = List.copyOf(operands);
        }
    }

    /** The other truth value. */
    record Not(Expression operand) implements Expression {}

    /**
     * Arithmetic of double precision; the remainder is exact. Undefined if an operand is no number or beyond
     * {@link Evaluator the range}, and for a division by zero. {@code -x} is {@code 0 - x}.
     */
    record Arithmetic(Operator operator, Expression left, Expression right) implements Expression {

        /** What to do. */
        public enum Operator {
            ADD('+'),
            SUBTRACT('-'),
            MULTIPLY('*'),
            DIVIDE('/'),
            REMAINDER('%');

            private final char symbol;

            Operator(char symbol) {
                this.symbol = symbol;
            }

            /** As it is written. */
            public char symbol() {
                return symbol;
            }
        }
    }

    /** A function of its arguments, as many as it takes. */
    record Call(Function function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** The paths that this expression asks for, some perhaps more than once. */
    default Stream<Path> paths() {
        return switch (this) {
            case Literal _ -> Stream.empty();
            case Path path -> Stream.of(path);
            case Comparison(var _, var left, var right) -> Stream.concat(left.paths(), right.paths());
            case In(var operand, var _, var _) -> operand.paths();
            case And(var operands) -> operands.stream().flatMap(Expression::paths);
            case Or(var operands) -> operands.stream().flatMap(Expression::paths);
            case Not(var operand) -> operand.paths();
            case Arithmetic(var _, var left, var right) -> Stream.concat(left.paths(), right.paths());
            case Call(var _, var arguments) -> arguments.stream().flatMap(Expression::paths);
        };
    }

    /** This expression as a text that the parser reads as the same expression. */
    default String text() {
        return Writing.expression(this);
    }
}
