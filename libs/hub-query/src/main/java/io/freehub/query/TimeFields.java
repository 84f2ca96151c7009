package io.freehub.query;

import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Times are texts in records, all written in one way: UTC, three digits of a fraction. So their order is that of time, and
 * a beginning such as {@code 2026-08} can be compared with them. A constant that is a whole date or time is written in the
 * same way, whatever way the query has it.
 */
final class TimeFields {

    private static final List<Path> FIELDS = Stream.of(
                    "statusUpdateTime",
                    "lastActivityTime",
                    "startTimeUtc",
                    "endTimeUtc",
                    "createdDateTimeUtc",
                    "lastUpdatedDateTimeUtc")
            .map(Path::of)
            .toList();
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final List<Function<String, Instant>> READERS = List.of(
            text -> OffsetDateTime.parse(text).toInstant(),
            text -> LocalDateTime.parse(text).toInstant(ZoneOffset.UTC),
            text -> LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));

    private TimeFields() {}

    /** The condition with constants that are compared with times written as these. */
    static Expression inOneWay(Expression expression) {
        return switch (expression) {
            case Comparison(var operator, Path path, Literal(Value.Text(var text)))
            when FIELDS.contains(path) -> new Comparison(operator, path, new Literal(written(text)));
            case Comparison(var operator, Literal(Value.Text(var text)), Path path)
            when FIELDS.contains(path) -> new Comparison(operator, new Literal(written(text)), path);
            case Comparison(var operator, var left, var right) ->
                new Comparison(operator, inOneWay(left), inOneWay(right));
            case In(Path path, var elements, var negated)
            when FIELDS.contains(path) ->
                new In(
                        path,
                        elements.stream()
                                .map(element -> element instanceof Value.Text(var text) ? written(text) : element)
                                .toList(),
                        negated);
            case In(var operand, var elements, var negated) -> new In(inOneWay(operand), elements, negated);
            case And(var operands) ->
                new And(operands.stream().map(TimeFields::inOneWay).toList());
            case Or(var operands) ->
                new Or(operands.stream().map(TimeFields::inOneWay).toList());
            case Not(var operand) -> new Not(inOneWay(operand));
            case Arithmetic(var operator, var left, var right) ->
                new Arithmetic(operator, inOneWay(left), inOneWay(right));
            case Call(var function, var arguments) ->
                new Call(function, arguments.stream().map(TimeFields::inOneWay).toList());
            case Literal _, Path _ -> expression;
        };
    }

    private static Value written(String text) {
        return Value.of(read(text).map(FORMAT::format).orElse(text));
    }

    private static Optional<Instant> read(String text) {
        for (var reader : READERS) {
            try {
                return Optional.of(reader.apply(text));
            } catch (DateTimeException e) {
                // Another way, or the beginning of a time.
            }
        }
        return Optional.empty();
    }
}
