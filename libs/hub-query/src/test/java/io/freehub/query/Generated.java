package io.freehub.query;

import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Queries and documents by chance. There are few names and few values, so that they meet; and odd ones, for they are where
 * things break.
 */
final class Generated {

    private static final List<String> TEXTS = List.of(
            "", "a", "ab", "B", "true", "null", "1", "10", "-2.5e1", "ä", "ß", "\uFFFD", "😀", "😀b", "it's", "\"",
            "\\", "%", "$1", "]", "x]]y", "\n");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "2",
            "10",
            "1.0",
            "0.1",
            "0.2",
            "-0.5",
            "2.5",
            "7",
            "100",
            "1e2",
            "1e20",
            "123456789.123456789",
            "4503599627370496",
            "12345678901234567890123",
            "1e149",
            "1e151",
            "-1e200",
            "1e-149",
            "1e-151",
            "0.3333333333333333333");
    private static final List<Path> PATHS = List.of(
            Path.of("deviceId"),
            Path.of("status"),
            Path.of("version"),
            Path.of("capabilities", "iotEdge"),
            Path.of("nothing"),
            Path.of("deviceId", "below"),
            Path.of("tags"),
            Path.of("tags", "a"),
            Path.of("tags", "b"),
            Path.of("tags", "a", "b"),
            Path.of("tags", "0"),
            Path.of("tags", "a", "0"),
            Path.of("tags", "group"),
            Path.of("tags", "x]y."),
            new Path(List.of(new Path.Name("tags"), new Path.Name("a"), new Path.Index(0))),
            new Path(List.of(new Path.Name("tags"), new Path.Name("b"), new Path.Index(1), new Path.Name("a"))),
            Path.of("properties", "reported", "a"),
            Path.of("properties", "reported", "b"));
    private static final List<String> KEYS = List.of("a", "b", "0", "group", "x]y.");

    private Generated() {}

    static Arbitrary<Value> primitives() {
        return Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.of(TEXTS).map(Value::of)),
                Tuple.of(4, Arbitraries.of(NUMBERS).map(number -> new Value.Num(new BigDecimal(number)))),
                Tuple.of(2, Arbitraries.of(Value.TRUE, Value.FALSE, Value.NULL)));
    }

    /** A value of JSON, some levels deep. */
    static Arbitrary<Value> values(int depth) {
        if (depth == 0) {
            return primitives();
        }
        return Arbitraries.frequencyOf(
                Tuple.of(3, primitives()),
                Tuple.of(1, values(depth - 1).list().ofMaxSize(3).map(Value.Array::new)),
                Tuple.of(1, objects(depth)));
    }

    static Arbitrary<Value.Members> objects(int depth) {
        return Arbitraries.maps(Arbitraries.of(KEYS), values(depth - 1))
                .ofMaxSize(5)
                .map(Value.Members::new);
    }

    static Arbitrary<Path> paths() {
        return Arbitraries.of(PATHS);
    }

    static Arbitrary<Expression> expressions(int depth) {
        var constants = primitives();
        Arbitrary<Expression> leaves = Arbitraries.frequencyOf(
                Tuple.of(5, paths().map(path -> path)),
                Tuple.of(4, constants.map(Literal::new)),
                Tuple.of(1, Arbitraries.just(new Literal(Value.UNDEFINED))),
                Tuple.of(1, constants.list().ofMaxSize(3).map(elements -> new Literal(new Value.Array(elements)))));
        if (depth == 0) {
            return leaves;
        }
        var operands = Arbitraries.lazy(() -> expressions(depth - 1));
        var several = operands.list().ofMinSize(2).ofMaxSize(3);
        return Arbitraries.frequencyOf(
                Tuple.of(1, leaves),
                Tuple.of(
                        4,
                        Combinators.combine(Arbitraries.of(Comparison.Operator.values()), operands, operands)
                                .as(Comparison::new)),
                Tuple.of(
                        2,
                        Combinators.combine(operands, constants.list().ofMaxSize(4), Arbitraries.of(true, false))
                                .as(In::new)),
                Tuple.of(2, several.map(And::new)),
                Tuple.of(2, several.map(Or::new)),
                Tuple.of(1, operands.map(Not::new)),
                Tuple.of(
                        3,
                        Combinators.combine(Arbitraries.of(Arithmetic.Operator.values()), operands, operands)
                                .as(Arithmetic::new)),
                Tuple.of(5, calls(operands)));
    }

    /** EXP and POWER only of what both compute exactly: the last digit of others is the machine's. */
    private static Arbitrary<Expression> calls(Arbitrary<Expression> operands) {
        var small = Arbitraries.integers().between(-3, 3).map(n -> (Expression) new Literal(Value.of(n)));
        return Arbitraries.of(Function.values()).flatMap(function -> switch (function) {
            case IS_DEFINED -> paths().map(path -> new Call(function, List.of(path)));
            case EXP -> Arbitraries.of(0, 701, -2000).map(n -> new Call(function, List.of(new Literal(Value.of(n)))));
            case POWER -> Combinators.combine(small, small).as((a, b) -> new Call(function, List.of(a, b)));
            case SUBSTRING ->
                Combinators.combine(operands, Arbitraries.oneOf(small, operands), small)
                        .as((text, from, many) -> new Call(function, List.of(text, from, many)));
            default ->
                operands.list().ofMinSize(1).ofMaxSize(2).map(arguments -> {
                    var fitting = new ArrayList<>(arguments);
                    while (!function.takes(fitting.size())) {
                        if (fitting.size() > 1) {
                            fitting.removeLast();
                        } else {
                            fitting.add(fitting.getFirst());
                        }
                    }
                    return new Call(function, fitting);
                });
        });
    }

    static Arbitrary<Query> queries() {
        var items = Combinators.combine(
                        Arbitraries.oneOf(
                                paths().map(path -> (Query.Selected) new Query.Property(path)),
                                Combinators.combine(Arbitraries.of(Query.Aggregate.Kind.values()), paths())
                                        .as((kind, path) -> new Query.Aggregate(kind, Optional.of(path))),
                                Arbitraries.just(new Query.Aggregate(Query.Aggregate.Kind.COUNT, Optional.empty()))),
                        Arbitraries.of("n", "from", "a b", "größe", "$1").optional())
                .as(Query.Item::new)
                .list()
                .ofMaxSize(3);
        return Combinators.combine(
                        Arbitraries.integers().between(1, 9).optional(),
                        items,
                        Arbitraries.of(Query.Source.DEVICES, Query.Source.MODULES),
                        expressions(3).optional(),
                        paths().list().ofMaxSize(2),
                        Combinators.combine(paths(), Arbitraries.of(true, false))
                                .as(Query.Order::new)
                                .optional())
                .as(Generated::query);
    }

    /** Makes the parts fit: what is selected beside a figure is grouped by. */
    private static Query query(
            Optional<Integer> top,
            List<Query.Item> items,
            Query.Source source,
            Optional<Expression> where,
            List<Path> groupBy,
            Optional<Query.Order> order) {
        var groups = new ArrayList<>(items.isEmpty() ? List.<Path>of() : groupBy);
        if (!groups.isEmpty() || items.stream().anyMatch(item -> item.selected() instanceof Query.Aggregate)) {
            for (var item : items) {
                if (item.selected() instanceof Query.Property(var path) && !groups.contains(path)) {
                    groups.add(path);
                }
            }
        }
        var query =
                new Query(top.map(OptionalInt::of).orElse(OptionalInt.empty()), items, source, where, groups, order);
        return query.isAggregated() && order.isPresent()
                ? query(top, items, source, where, groupBy, Optional.empty())
                : query;
    }
}
