package io.freehub.query;

import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import io.freehub.query.Value.Bool;
import io.freehub.query.Value.Num;
import io.freehub.query.Value.Text;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The meaning of expressions. {@link SqlTranslation} has the same.
 *
 * <p>Numbers are compared exactly, and strings by code points. Arithmetic and the functions of numbers take numbers in a
 * range: 0, and 1e-150 to 1e150 of either sign; others make the result undefined. So no result overflows a double.
 */
public final class Evaluator {

    private static final BigDecimal SMALLEST = new BigDecimal("1e-150");
    private static final BigDecimal LARGEST = new BigDecimal("1e150");
    private static final BigDecimal MOST_CHARACTERS = BigDecimal.valueOf(1_000_000_000);
    private static final MathContext FIFTEEN_DIGITS = new MathContext(15, RoundingMode.HALF_EVEN);
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?");

    private Evaluator() {}

    /** Whether the condition is true of the document; not if it is false, undefined, or no truth value. */
    public static boolean matches(Expression condition, Document document) {
        return evaluate(condition, document).equals(Value.TRUE);
    }

    /** The value of the expression on the document. Never fails. */
    public static Value evaluate(Expression expression, Document document) {
        return switch (expression) {
            case Literal(var value) -> value;
            case Path path -> document.at(path);
            case Comparison(var operator, var left, var right) ->
                compare(operator, evaluate(left, document), evaluate(right, document));
            case In(var operand, var elements, var negated) -> {
                var isOne = isOneOf(evaluate(operand, document), elements);
                yield negated ? not(isOne) : isOne;
            }
            case And(var operands) -> and(operands, document);
            case Or(var operands) -> or(operands, document);
            case Not(var operand) -> not(evaluate(operand, document));
            case Arithmetic(var operator, var left, var right) ->
                calculate(operator, evaluate(left, document), evaluate(right, document));
            case Call(var function, var arguments)
            when function == Function.IS_DEFINED && arguments.getFirst() instanceof Path path ->
                Value.of(document.isDefined(path));
            case Call(var function, var arguments) ->
                call(
                        function,
                        arguments.stream()
                                .map(argument -> evaluate(argument, document))
                                .toList());
        };
    }

    private static Value compare(Comparison.Operator operator, Value left, Value right) {
        if (!left.isPrimitive() || !right.isPrimitive()) {
            return Value.UNDEFINED;
        }
        if (left instanceof Num(var a) && right instanceof Num(var b)) {
            return Value.of(operator.holds(a.compareTo(b)));
        }
        if (left instanceof Text(var a) && right instanceof Text(var b)) {
            return Value.of(operator.holds(compareCodePoints(a, b)));
        }
        return operator.isOrder() ? Value.UNDEFINED : Value.of(operator.holds(left.equals(right) ? 0 : 1));
    }

    /** As UTF-8 is ordered. The order of chars is another beyond the surrogates. */
    private static int compareCodePoints(String a, String b) {
        var i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        if (i == a.length() || i == b.length()) {
            return Integer.compare(a.length(), b.length());
        }
        return Integer.compare(rank(a.charAt(i)), rank(b.charAt(i)));
    }

    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }

    private static Value isOneOf(Value operand, List<Value> elements) {
        if (elements.isEmpty()) {
            return Value.FALSE;
        }
        return operand.isPrimitive() ? Value.of(elements.contains(operand)) : Value.UNDEFINED;
    }

    private static Value and(List<Expression> operands, Document document) {
        Value result = Value.TRUE;
        for (var operand : operands) {
            var value = evaluate(operand, document);
            if (value.equals(Value.FALSE)) {
                return Value.FALSE;
            }
            result = value.equals(Value.TRUE) ? result : Value.UNDEFINED;
        }
        return result;
    }

    private static Value or(List<Expression> operands, Document document) {
        Value result = Value.FALSE;
        for (var operand : operands) {
            var value = evaluate(operand, document);
            if (value.equals(Value.TRUE)) {
                return Value.TRUE;
            }
            result = value.equals(Value.FALSE) ? result : Value.UNDEFINED;
        }
        return result;
    }

    private static Value not(Value operand) {
        return operand instanceof Bool(var value) ? Value.of(!value) : Value.UNDEFINED;
    }

    private static Value calculate(Arithmetic.Operator operator, Value left, Value right) {
        return switch (operator) {
            case ADD -> ofDoubles(left, right, Double::sum);
            case SUBTRACT -> ofDoubles(left, right, (a, b) -> a - b);
            case MULTIPLY -> ofDoubles(left, right, (a, b) -> a * b);
            case DIVIDE -> isZero(right) ? Value.UNDEFINED : ofDoubles(left, right, (a, b) -> a / b);
            case REMAINDER ->
                inRange(right)
                        .filter(divisor -> divisor.signum() != 0)
                        .map(divisor -> ofNumber(left, dividend -> dividend.remainder(divisor)))
                        .orElse(Value.UNDEFINED);
        };
    }

    private static Value call(Function function, List<Value> arguments) {
        var first = arguments.getFirst();
        var second = arguments.size() > 1 ? arguments.get(1) : Value.UNDEFINED;
        return switch (function) {
            case IS_DEFINED -> Value.of(first != Value.UNDEFINED);
            case IS_ARRAY -> Value.of(first instanceof Value.Array);
            case IS_BOOL -> Value.of(first instanceof Bool);
            case IS_NULL -> Value.of(first instanceof Value.Null);
            case IS_NUMBER -> Value.of(first instanceof Num);
            case IS_OBJECT -> Value.of(first instanceof Value.Members);
            case IS_PRIMITIVE -> Value.of(first.isPrimitive());
            case IS_STRING -> Value.of(first instanceof Text);
            case ARRAY_CONTAINS ->
                first instanceof Value.Array(var elements) && (elements.isEmpty() || second != Value.UNDEFINED)
                        ? Value.of(elements.contains(second))
                        : Value.UNDEFINED;
            case STARTS_WITH -> ofTexts(first, second, (a, b) -> Value.of(a.startsWith(b)));
            case ENDS_WITH -> ofTexts(first, second, (a, b) -> Value.of(a.endsWith(b)));
            case CONTAINS -> ofTexts(first, second, (a, b) -> Value.of(a.contains(b)));
            case INDEX_OF -> ofTexts(first, second, Evaluator::indexOf);
            case AS_NUMBER -> ofText(first, Evaluator::asNumber);
            case CONCAT -> concat(arguments);
            case LENGTH -> ofText(first, text -> Value.of(text.codePointCount(0, text.length())));
            case LOWER -> ofText(first, text -> mapped(text, Character::toLowerCase));
            case UPPER -> ofText(first, text -> mapped(text, Character::toUpperCase));
            case SUBSTRING ->
                ofText(
                        first,
                        text -> arguments.size() == 2
                                ? substring(text, second, new Num(MOST_CHARACTERS))
                                : substring(text, second, arguments.get(2)));
            case ABS -> ofNumber(first, BigDecimal::abs);
            case SIGN -> ofNumber(first, number -> BigDecimal.valueOf(number.signum()));
            case CEILING -> ofNumber(first, number -> number.setScale(0, RoundingMode.CEILING));
            case FLOOR -> ofNumber(first, number -> number.setScale(0, RoundingMode.FLOOR));
            case SQUARE -> ofDoubles(first, first, (a, b) -> a * b);
            case SQRT -> ofDoubles(first, first, (a, b) -> Math.sqrt(a));
            case EXP -> rounded(ofDoubles(first, first, (a, b) -> Math.abs(a) <= 700 ? Math.exp(a) : Double.NaN));
            case POWER -> rounded(ofDoubles(first, second, Evaluator::power));
        };
    }

    private static double power(double base, double exponent) {
        if (base == 0) {
            return exponent < 0 ? Double.NaN : Math.pow(base, exponent);
        }
        return Math.abs(Math.log(Math.abs(base)) * exponent) <= 700 ? Math.pow(base, exponent) : Double.NaN;
    }

    private static Value rounded(Value value) {
        return value instanceof Num(var number) ? new Num(number.round(FIFTEEN_DIGITS)) : value;
    }

    private static boolean isZero(Value value) {
        return value instanceof Num(var number) && number.signum() == 0;
    }

    private static Optional<BigDecimal> inRange(Value value) {
        return value instanceof Num(var number)
                        && (number.signum() == 0
                                || (number.abs().compareTo(SMALLEST) >= 0
                                        && number.abs().compareTo(LARGEST) <= 0))
                ? Optional.of(number)
                : Optional.empty();
    }

    private static Value ofNumber(Value value, UnaryOperator<BigDecimal> operation) {
        return inRange(value).map(operation).<Value>map(Num::new).orElse(Value.UNDEFINED);
    }

    private static Value ofDoubles(Value left, Value right, DoubleBinaryOperator operation) {
        var a = inRange(left);
        var b = inRange(right);
        if (a.isEmpty() || b.isEmpty()) {
            return Value.UNDEFINED;
        }
        var result = operation.applyAsDouble(a.get().doubleValue(), b.get().doubleValue());
        return Double.isNaN(result) ? Value.UNDEFINED : new Num(new BigDecimal(Double.toString(result)));
    }

    private static Value ofText(Value value, java.util.function.Function<String, Value> operation) {
        return value instanceof Text(var text) ? operation.apply(text) : Value.UNDEFINED;
    }

    private interface OfTexts {
        Value apply(String first, String second);
    }

    private static Value ofTexts(Value first, Value second, OfTexts operation) {
        return first instanceof Text(var a) && second instanceof Text(var b) ? operation.apply(a, b) : Value.UNDEFINED;
    }

    private static Value indexOf(String text, String part) {
        var index = text.indexOf(part);
        return Value.of(index < 0 ? -1 : text.codePointCount(0, index));
    }

    private static Value asNumber(String text) {
        return text.length() <= 255 && NUMBER.matcher(text).matches() ? new Num(new BigDecimal(text)) : Value.UNDEFINED;
    }

    private static Value concat(List<Value> parts) {
        var joined = new StringBuilder();
        for (var part : parts) {
            if (!(part instanceof Text(var text))) {
                return Value.UNDEFINED;
            }
            joined.append(text);
        }
        return Value.of(joined.toString());
    }

    private static Value mapped(String text, IntUnaryOperator mapping) {
        return Value.of(text.codePoints()
                .map(mapping)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString());
    }

    private static Value substring(String text, Value start, Value length) {
        var from = count(start);
        var many = count(length);
        if (from.isEmpty() || many.isEmpty()) {
            return Value.UNDEFINED;
        }
        return Value.of(text.codePoints()
                .skip(from.get())
                .limit(many.get())
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString());
    }

    /** A number of characters: an integer, not negative. */
    private static Optional<Integer> count(Value value) {
        return inRange(value)
                .filter(number -> number.signum() >= 0 && number.compareTo(MOST_CHARACTERS) <= 0 && number.scale() <= 0)
                .map(BigDecimal::intValueExact);
    }
}
