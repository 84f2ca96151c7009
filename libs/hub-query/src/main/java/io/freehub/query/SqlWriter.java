package io.freehub.query;

import static java.util.stream.Collectors.joining;

import io.freehub.query.Columns.Type;
import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import io.freehub.query.Query.Aggregate;
import io.freehub.query.Query.Property;
import io.freehub.query.Value.Bool;
import io.freehub.query.Value.Num;
import io.freehub.query.Value.Text;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes expressions of SQL and gathers their parameters. Every expression has a type that is known while it is written, so
 * that no cast can fail. What is JSONB is a property or a constant, and may be written several times; anything else is
 * written once, or nested operations would grow exponentially.
 */
final class SqlWriter {

    /** An expression of SQL; NULL is undefined. */
    private record Sql(Type type, String text) {}

    // Each is a filter on one value that neither fails nor passes what is no number.
    private static final String IN_RANGE = "@ == 0 || (@ >= 1e-150 && @ <= 1e150) || (@ <= -1e-150 && @ >= -1e150)";
    private static final String NOT_NEGATIVE = "@ == 0 || (@ >= 1e-150 && @ <= 1e150)";
    private static final String EXPONENT = "@ == 0 || (@ >= 1e-150 && @ <= 700) || (@ <= -1e-150 && @ >= -700)";
    private static final String COUNT = "@ >= 0 && @ <= 1000000000 && @.floor() == @";
    /** More are quicker to check row by row. */
    private static final int MOST_ALTERNATIVES = 100;

    private static final String UNDEFINED_JSON = "NULL::jsonb";
    /** Case mapping of Unicode by code point, on any machine the same. */
    private static final String UNICODE = " COLLATE pg_catalog.pg_c_utf8";

    private final Columns columns;
    private final List<Object> parameters = new ArrayList<>();

    SqlWriter(Columns columns) {
        this.columns = columns;
    }

    List<Object> parameters() {
        return parameters;
    }

    String condition(Optional<Expression> condition) {
        return condition.map(expression -> bool(write(expression))).orElse("TRUE");
    }

    String selected(Query.Selected selected) {
        return switch (selected) {
            case Property(var path) -> json(path(path)) + "::text";
            case Aggregate(var kind, var of) ->
                of.map(this::path).map(values -> aggregate(kind, values)).orElse("to_jsonb(count(*))") + "::text";
        };
    }

    String group(Path path) {
        return path(path).text();
    }

    List<String> order(Path path) {
        var values = path(path);
        return List.of(number(values), text(values) + " COLLATE \"C\"");
    }

    // A condition for indexes: whenever the expression is true, it is.

    Optional<String> necessary(Expression expression) {
        return switch (expression) {
            case And(var operands) -> {
                var known = operands.stream()
                        .map(this::necessary)
                        .flatMap(Optional::stream)
                        .toList();
                yield known.isEmpty() ? Optional.empty() : Optional.of("(" + String.join(" AND ", known) + ")");
            }
            case Or(var operands) -> anyOf(operands, this::necessary);
            case Comparison(var operator, Path path, Literal(var value))
            when operator == Comparison.Operator.EQUAL -> equal(path, value);
            case Comparison(var operator, Literal(var value), Path path)
            when operator == Comparison.Operator.EQUAL -> equal(path, value);
            case In(Path path, var elements, var negated)
            when !negated -> anyOf(elements, element -> equal(path, element));
            case Path path -> equal(path, Value.TRUE);
            case Call(var function, var arguments)
            when function == Function.IS_DEFINED && arguments.getFirst() instanceof Path path ->
                columns.of(path).flatMap(column -> column.index().defined(this::parameter));
            case Call(var function, var arguments)
            when function == Function.ARRAY_CONTAINS
                    && arguments.get(0) instanceof Path path
                    && arguments.get(1) instanceof Literal(var value) ->
                columns.of(path).flatMap(column -> column.index().contains(value, this::parameter));
            case Literal _, Comparison _, In _, Not _, Arithmetic _, Call _ -> Optional.empty();
        };
    }

    private Optional<String> equal(Path path, Value value) {
        return columns.of(path).flatMap(column -> column.index().equal(value, this::parameter));
    }

    /** All must be known: a row may be there for any of them. */
    private <T> Optional<String> anyOf(
            List<T> alternatives, java.util.function.Function<T, Optional<String>> necessary) {
        if (alternatives.isEmpty() || alternatives.size() > MOST_ALTERNATIVES) {
            return Optional.empty();
        }
        var before = parameters.size();
        var known =
                alternatives.stream().map(necessary).flatMap(Optional::stream).toList();
        if (known.size() < alternatives.size()) {
            // Nothing of it stands in the statement.
            parameters.subList(before, parameters.size()).clear();
            return Optional.empty();
        }
        return Optional.of("(" + String.join(" OR ", known) + ")");
    }

    private String aggregate(Aggregate.Kind kind, Sql values) {
        return switch (kind) {
            case COUNT -> "to_jsonb(count(" + values.text() + "))";
            case SUM -> "to_jsonb(coalesce(sum(" + numeric(values, IN_RANGE) + "), 0))";
            case AVG -> "to_jsonb(avg(" + numeric(values, IN_RANGE) + "))";
            case MIN -> extreme("min", values);
            case MAX -> extreme("max", values);
        };
    }

    private String extreme(String function, Sql values) {
        return "coalesce(to_jsonb(" + function + "(" + number(values) + ")), to_jsonb(" + function + "(" + text(values)
                + " COLLATE \"C\")))";
    }

    private Sql write(Expression expression) {
        return switch (expression) {
            case Literal(var value) -> literal(value);
            case Path path -> path(path);
            case Comparison(var operator, var left, var right) ->
                new Sql(Type.BOOL, compare(operator, write(left), write(right)));
            case In(var operand, var elements, var negated) -> {
                var isOne = isOneOf(write(operand), elements);
                yield new Sql(Type.BOOL, negated ? "(NOT " + isOne + ")" : isOne);
            }
            case And(var operands) -> new Sql(Type.BOOL, joined(operands, " AND "));
            case Or(var operands) -> new Sql(Type.BOOL, joined(operands, " OR "));
            case Not(var operand) -> new Sql(Type.BOOL, "(NOT " + bool(write(operand)) + ")");
            case Arithmetic(var operator, var left, var right) ->
                new Sql(Type.NUMBER, calculate(operator, write(left), write(right)));
            case Call(var function, var arguments) ->
                call(function, arguments.stream().map(this::write).toList());
        };
    }

    private String joined(List<Expression> operands, String operator) {
        return operands.stream().map(operand -> bool(write(operand))).collect(joining(operator, "(", ")"));
    }

    // Leaves.

    private Sql literal(Value value) {
        return switch (value) {
            case Value.Undefined _ -> new Sql(Type.JSON, UNDEFINED_JSON);
            case Bool(var flag) -> new Sql(Type.BOOL, flag ? "TRUE" : "FALSE");
            case Num(var number) -> new Sql(Type.NUMBER, parameter(number, "numeric"));
            case Text(var text) -> new Sql(Type.TEXT, parameter(text, "text"));
            case Value.Null _, Value.Array _, Value.Members _ ->
                new Sql(Type.JSON, "(" + parameter(value.json(), "text") + ")::jsonb");
        };
    }

    private Sql path(Path path) {
        return columns.of(path)
                .map(column -> {
                    var sql = column.sql();
                    for (var step : column.within()) {
                        sql = step(sql, step);
                    }
                    return new Sql(column.type(), "(" + sql + ")");
                })
                .orElse(new Sql(Type.JSON, UNDEFINED_JSON));
    }

    /** The operator -> with a position would take a string or a number for an array of one element. */
    private String step(String json, Path.Step step) {
        return switch (step) {
            case Path.Name(var name) -> json + " -> " + parameter(name, "text");
            case Path.Index(var index) ->
                "jsonb_path_query_first(" + json + ", 'strict $[$i]', jsonb_build_object('i', "
                        + parameter(index, "int") + "), TRUE)";
        };
    }

    /** A parameter, the same for the same value: a property that is written twice must stay one expression. */
    private String parameter(Object value, String type) {
        var known = parameters.indexOf(value);
        if (known < 0) {
            parameters.add(value);
            known = parameters.size() - 1;
        }
        return "$" + (known + 1) + "::" + type;
    }

    // Conversions to what an operation takes; what is not of its type becomes undefined.

    private static String bool(Sql sql) {
        return switch (sql.type()) {
            case BOOL -> sql.text();
            case JSON -> "(CASE " + sql.text() + " WHEN 'true'::jsonb THEN TRUE WHEN 'false'::jsonb THEN FALSE END)";
            case NUMBER, TEXT -> undefined("boolean", sql);
        };
    }

    private static String text(Sql sql) {
        return switch (sql.type()) {
            case TEXT -> sql.text();
            case JSON -> "(CASE WHEN " + isOf(sql, "string") + " THEN " + sql.text() + " #>> '{}' END)";
            case NUMBER, BOOL -> undefined("text", sql);
        };
    }

    private static String number(Sql sql) {
        return switch (sql.type()) {
            case NUMBER -> sql.text();
            case JSON -> "(CASE WHEN " + isOf(sql, "number") + " THEN " + sql.text() + "::numeric END)";
            case TEXT, BOOL -> undefined("numeric", sql);
        };
    }

    private static String json(Sql sql) {
        return switch (sql.type()) {
            case JSON -> sql.text();
            case TEXT, NUMBER, BOOL -> "to_jsonb(" + sql.text() + ")";
        };
    }

    /** NULL of the type. It names the operands, since PostgreSQL wants every parameter used. */
    private static String undefined(String type, Sql... operands) {
        return Arrays.stream(operands)
                .map(operand -> operand.text() + " IS NULL")
                .collect(joining(" AND ", "(CASE WHEN ", " THEN NULL::" + type + " END)"));
    }

    /** FALSE, and names the operand likewise. */
    private static String isFalse(Sql operand) {
        return "(" + operand.text() + " IS NULL AND FALSE)";
    }

    private static String isOf(Sql json, String type) {
        return "jsonb_typeof(" + json.text() + ") = '" + type + "'";
    }

    private static String isPrimitive(Sql json) {
        return "jsonb_typeof(" + json.text() + ") NOT IN ('object', 'array')";
    }

    private static String filtered(Sql sql, String filter) {
        return "jsonb_path_query_first(" + json(sql) + ", 'strict $ ? (" + filter + ")')";
    }

    /** The number if it passes the filter. */
    private static String numeric(Sql sql, String filter) {
        return filtered(sql, filter) + "::numeric";
    }

    private static String real(Sql sql, String filter) {
        return filtered(sql, filter) + "::float8";
    }

    /** The shortest decimal that means the same double; a cast to numeric would round to 15 digits. */
    private static Sql exactly(String real) {
        return new Sql(Type.NUMBER, "(" + real + ")::text::numeric");
    }

    // Operations.

    private static String compare(Comparison.Operator operator, Sql left, Sql right) {
        if (left.type() == Type.JSON || right.type() == Type.JSON) {
            return operator.isOrder() ? orderOfJson(operator, left, right) : equalityOfJson(operator, left, right);
        }
        if (left.type() != right.type()) {
            var differ = operator == Comparison.Operator.NOT_EQUAL ? "TRUE" : operator.isOrder() ? "NULL" : "FALSE";
            return "(CASE WHEN " + left.text() + " IS NOT NULL AND " + right.text() + " IS NOT NULL THEN " + differ
                    + "::boolean END)";
        }
        return switch (left.type()) {
            case NUMBER -> infix(left.text(), operator, right.text());
            case TEXT ->
                operator.isOrder() ? ordered(operator, left, right) : infix(left.text(), operator, right.text());
            case BOOL, JSON ->
                operator.isOrder() ? undefined("boolean", left, right) : infix(left.text(), operator, right.text());
        };
    }

    private static String equalityOfJson(Comparison.Operator operator, Sql left, Sql right) {
        var comparable = List.of(left, right).stream()
                .filter(side -> side.type() == Type.JSON)
                .map(SqlWriter::isPrimitive)
                .collect(joining(" AND "));
        return "(CASE WHEN " + comparable + " THEN " + infix(json(left), operator, json(right)) + " END)";
    }

    private static String orderOfJson(Comparison.Operator operator, Sql left, Sql right) {
        var numbers = infix(number(left), operator, number(right));
        var texts = ordered(operator, left, right);
        return switch (left.type() == Type.JSON ? right.type() : left.type()) {
            case NUMBER -> numbers;
            case TEXT -> texts;
            case BOOL -> undefined("boolean", left, right);
            case JSON -> "coalesce(" + numbers + ", " + texts + ")";
        };
    }

    private static String ordered(Comparison.Operator operator, Sql left, Sql right) {
        return infix(text(left) + " COLLATE \"C\"", operator, text(right) + " COLLATE \"C\"");
    }

    private static String infix(String left, Comparison.Operator operator, String right) {
        return "(" + left + " " + operator.symbol() + " " + right + ")";
    }

    private String isOneOf(Sql operand, List<Value> elements) {
        if (elements.isEmpty()) {
            return isFalse(operand);
        }
        var ofItsType =
                switch (operand.type()) {
                    case JSON -> {
                        var all = elements.stream().map(Value::json).toArray(String[]::new);
                        yield "CASE WHEN " + isPrimitive(operand) + " THEN " + operand.text() + " = ANY ("
                                + parameter(all, "text[]") + "::jsonb[]) END";
                    }
                    case TEXT -> {
                        var texts = elements.stream()
                                .filter(Text.class::isInstance)
                                .map(element -> ((Text) element).value())
                                .toArray(String[]::new);
                        yield texts.length == 0 ? "" : operand.text() + " = ANY (" + parameter(texts, "text[]") + ")";
                    }
                    case NUMBER -> {
                        var numbers = elements.stream()
                                .filter(Num.class::isInstance)
                                .map(element -> ((Num) element).value())
                                .toArray(BigDecimal[]::new);
                        yield numbers.length == 0
                                ? ""
                                : operand.text() + " = ANY (" + parameter(numbers, "numeric[]") + ")";
                    }
                    case BOOL -> {
                        var flags = elements.stream()
                                .filter(Bool.class::isInstance)
                                .map(Value::json)
                                .distinct()
                                .toList();
                        yield flags.isEmpty() ? "" : operand.text() + " IN (" + String.join(", ", flags) + ")";
                    }
                };
        // No element is of the operand's type: none equals it, if it is there.
        return "(" + (ofItsType.isEmpty() ? "CASE WHEN " + operand.text() + " IS NOT NULL THEN FALSE END" : ofItsType)
                + ")";
    }

    private static String calculate(Arithmetic.Operator operator, Sql left, Sql right) {
        return switch (operator) {
            case ADD, SUBTRACT, MULTIPLY ->
                exactly(real(left, IN_RANGE) + " " + operator.symbol() + " " + real(right, IN_RANGE))
                        .text();
            case DIVIDE ->
                exactly(real(left, IN_RANGE) + " / nullif(" + real(right, IN_RANGE) + ", 0)")
                        .text();
            case REMAINDER -> "mod(" + numeric(left, IN_RANGE) + ", nullif(" + numeric(right, IN_RANGE) + ", 0))";
        };
    }

    private Sql call(Function function, List<Sql> arguments) {
        var first = arguments.getFirst();
        var second = arguments.size() > 1 ? arguments.get(1) : first;
        return switch (function) {
            case IS_DEFINED -> bool("(" + first.text() + " IS NOT NULL)");
            case IS_ARRAY -> hasType(first, Type.JSON, "= 'array'");
            case IS_BOOL -> hasType(first, Type.BOOL, "= 'boolean'");
            case IS_NULL -> hasType(first, Type.JSON, "= 'null'");
            case IS_NUMBER -> hasType(first, Type.NUMBER, "= 'number'");
            case IS_OBJECT -> hasType(first, Type.JSON, "= 'object'");
            case IS_PRIMITIVE -> hasType(first, first.type(), "NOT IN ('object', 'array')");
            case IS_STRING -> hasType(first, Type.TEXT, "= 'string'");
            case ARRAY_CONTAINS ->
                first.type() == Type.JSON
                        ? bool("(CASE WHEN " + isOf(first, "array") + " THEN " + json(second)
                                + " = ANY (ARRAY(SELECT jsonb_array_elements(" + first.text() + "))) END)")
                        : bool(undefined("boolean", first, second));
            case STARTS_WITH -> bool("starts_with(" + text(first) + ", " + text(second) + ")");
            case ENDS_WITH -> bool("starts_with(reverse(" + text(first) + "), reverse(" + text(second) + "))");
            case CONTAINS -> bool("(strpos(" + text(first) + ", " + text(second) + ") > 0)");
            case INDEX_OF -> number("(strpos(" + text(first) + ", " + text(second) + ") - 1)::numeric");
            case AS_NUMBER ->
                number(
                        "substring(" + text(first)
                                + " FROM '^(?=.{1,255}$)[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$')::numeric");
            case CONCAT ->
                new Sql(Type.TEXT, arguments.stream().map(SqlWriter::text).collect(joining(" || ", "(", ")")));
            case LENGTH -> number("length(" + text(first) + ")::numeric");
            case LOWER -> new Sql(Type.TEXT, "lower(" + text(first) + UNICODE + ")");
            case UPPER -> new Sql(Type.TEXT, "upper(" + text(first) + UNICODE + ")");
            case SUBSTRING ->
                new Sql(
                        Type.TEXT,
                        "substr(" + text(first) + ", " + filtered(second, COUNT) + "::int + 1"
                                + (arguments.size() == 2 ? "" : ", " + filtered(arguments.get(2), COUNT) + "::int")
                                + ")");
            case ABS -> number("abs(" + numeric(first, IN_RANGE) + ")");
            case SIGN -> number("sign(" + numeric(first, IN_RANGE) + ")");
            case CEILING -> number("ceil(" + numeric(first, IN_RANGE) + ")");
            case FLOOR -> number("floor(" + numeric(first, IN_RANGE) + ")");
            case SQUARE -> exactly("SELECT x * x FROM (SELECT " + real(first, IN_RANGE) + " AS x OFFSET 0) AS operand");
            case SQRT -> exactly("sqrt(" + real(first, NOT_NEGATIVE) + ")");
            case EXP -> number("exp(" + real(first, EXPONENT) + ")::numeric");
            case POWER -> number(power(real(first, IN_RANGE), real(second, IN_RANGE)));
        };
    }

    /** OFFSET 0 keeps the planner from copying an operand to wherever it is used. */
    private static String power(String base, String exponent) {
        return "(SELECT (CASE WHEN base = 0 THEN (CASE WHEN exponent >= 0 THEN power(base, exponent) END)"
                + " WHEN base < 0 AND exponent <> trunc(exponent) THEN NULL"
                + " WHEN abs(ln(abs(base)) * exponent) <= 700 THEN power(base, exponent) END)::numeric"
                + " FROM (SELECT " + base + " AS base, " + exponent + " AS exponent OFFSET 0) AS operands)";
    }

    private static Sql bool(String text) {
        return new Sql(Type.BOOL, text);
    }

    private static Sql number(String text) {
        return new Sql(Type.NUMBER, text);
    }

    /** Whether the value is there and of the type. */
    private static Sql hasType(Sql value, Type type, String ofJson) {
        if (value.type() == Type.JSON) {
            return bool("coalesce(jsonb_typeof(" + value.text() + ") " + ofJson + ", FALSE)");
        }
        return bool(value.type() == type ? "(" + value.text() + " IS NOT NULL)" : isFalse(value));
    }
}
