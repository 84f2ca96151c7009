package io.freehub.query;

import static java.util.stream.Collectors.joining;

import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import io.freehub.query.Path.Index;
import io.freehub.query.Path.Name;
import io.freehub.query.Query.Aggregate;
import io.freehub.query.Query.Property;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes what the parser reads. What has an operator stands in brackets inside anything else. */
final class Writing {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");
    private static final Set<String> RESERVED = Set.of(
            "SELECT",
            "TOP",
            "FROM",
            "WHERE",
            "GROUP",
            "BY",
            "AS",
            "AND",
            "OR",
            "NOT",
            "IN",
            "NIN",
            "TRUE",
            "FALSE",
            "NULL",
            "UNDEFINED");

    private Writing() {}

    static String query(Query query) {
        var text = new StringBuilder("SELECT ");
        query.top().ifPresent(top -> text.append("TOP ").append(top).append(' '));
        text.append(
                query.selectsAll()
                        ? "*"
                        : query.items().stream().map(Writing::item).collect(joining(", ")));
        text.append(" FROM ").append(query.source().text());
        query.where().ifPresent(where -> text.append(" WHERE ").append(expression(where)));
        if (!query.groupBy().isEmpty()) {
            text.append(" GROUP BY ");
            text.append(query.groupBy().stream().map(Writing::path).collect(joining(", ")));
        }
        query.orderBy()
                .ifPresent(order ->
                        text.append(" ORDER BY ").append(path(order.path())).append(order.descending() ? " DESC" : ""));
        return text.toString();
    }

    static String expression(Expression expression) {
        return switch (expression) {
            case Literal(var value) -> value(value);
            case Path path -> path(path);
            case Comparison(var operator, var left, var right) ->
                operand(left) + " " + operator.symbol() + " " + operand(right);
            case In(var operand, var elements, var negated) ->
                operand(operand) + (negated ? " NIN " : " IN ") + value(new Value.Array(elements));
            case And(var operands) -> operands.stream().map(Writing::operand).collect(joining(" AND "));
            case Or(var operands) -> operands.stream().map(Writing::operand).collect(joining(" OR "));
            case Not(var operand) -> "NOT " + operand(operand);
            case Arithmetic(var operator, var left, var right) ->
                operand(left) + " " + operator.symbol() + " " + operand(right);
            case Call(var function, var arguments) ->
                function.name() + arguments.stream().map(Writing::expression).collect(joining(", ", "(", ")"));
        };
    }

    private static String operand(Expression expression) {
        return switch (expression) {
            case Literal _, Path _, Call _ -> expression(expression);
            case Comparison _, In _, And _, Or _, Not _, Arithmetic _ -> "(" + expression(expression) + ")";
        };
    }

    private static String item(Query.Item item) {
        var selected =
                switch (item.selected()) {
                    case Property(var path) -> path(path);
                    case Aggregate(var kind, var of) ->
                        kind.name() + "(" + of.map(Writing::path).orElse("") + ")";
                };
        return selected + item.alias().map(alias -> " AS " + name(alias)).orElse("");
    }

    private static String path(Path path) {
        return name(path.root()) + path.after(1).stream().map(Writing::step).collect(joining());
    }

    private static String step(Path.Step step) {
        return switch (step) {
            case Index(var index) -> "[" + index + "]";
            // Square brackets could not tell where such a name ends.
            case Name(var name) when name.contains("]") -> "[" + Quoting.string(name, '\'') + "]";
            case Name(var name) -> "." + name(name);
        };
    }

    private static String name(String name) {
        return PLAIN.matcher(name).matches() && !RESERVED.contains(name.toUpperCase(Locale.ROOT))
                ? name
                : "[[" + name + "]]";
    }

    private static String value(Value value) {
        return switch (value) {
            case Value.Undefined _ -> "UNDEFINED";
            case Value.Text(var text) -> Quoting.string(text, '\'');
            case Value.Array(var elements) ->
                elements.stream().map(Writing::value).collect(joining(", ", "[", "]"));
            case Value.Null _, Value.Bool _, Value.Num _ -> value.json();
            case Value.Members _ -> throw new IllegalArgumentException("a query has no way to write an object");
        };
    }
}
