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
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Constants that can be written in several ways, in the one way that records have.
 *
 * <p>Times are texts in records: UTC, three digits of a fraction. So their order is that of time, and a beginning such as
 * {@code 2026-08} can be compared with them. A constant that is a whole date or time is written in the same way, whatever way
 * the query has it. Azure's own documentation has two names for a kind and some states of jobs.
 */
final class Spellings {

    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final List<Function<String, Instant>> READERS = List.of(
            text -> OffsetDateTime.parse(text).toInstant(),
            text -> LocalDateTime.parse(text).toInstant(ZoneOffset.UTC),
            text -> LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));

    private static final Spellings OF_TWINS = new Spellings(Map.of(
            Path.of("statusUpdateTime"), Spellings::time,
            Path.of("lastActivityTime"), Spellings::time));
    private static final Spellings OF_JOBS = new Spellings(Map.of(
            Path.of("startTimeUtc"), Spellings::time,
            Path.of("endTimeUtc"), Spellings::time,
            Path.of("createdDateTimeUtc"), Spellings::time,
            Path.of("lastUpdatedDateTimeUtc"), Spellings::time,
            Path.of("jobType"), text -> text.equals("scheduleTwinUpdate") ? "scheduleUpdateTwin" : text,
            Path.of("status"), Spellings::status));

    private final Map<Path, UnaryOperator<String>> fields;

    private Spellings(Map<Path, UnaryOperator<String>> fields) {
        this.fields = fields;
    }

    /** Those of the records of a source. */
    static Spellings of(Query.Source source) {
        return switch (source) {
            case DEVICES, MODULES -> OF_TWINS;
            case JOBS -> OF_JOBS;
        };
    }

    /** The condition with such constants written as records have them. */
    Expression inOneWay(Expression expression) {
        return switch (expression) {
            case Comparison(var operator, Path path, Literal(Value.Text(var text)))
            when fields.containsKey(path) -> new Comparison(operator, path, new Literal(written(path, text)));
            case Comparison(var operator, Literal(Value.Text(var text)), Path path)
            when fields.containsKey(path) -> new Comparison(operator, new Literal(written(path, text)), path);
            case Comparison(var operator, var left, var right) ->
                new Comparison(operator, inOneWay(left), inOneWay(right));
            case In(Path path, var elements, var negated)
            when fields.containsKey(path) ->
                new In(
                        path,
                        elements.stream()
                                .map(element -> element instanceof Value.Text(var text) ? written(path, text) : element)
                                .toList(),
                        negated);
            case In(var operand, var elements, var negated) -> new In(inOneWay(operand), elements, negated);
            case And(var operands) ->
                new And(operands.stream().map(this::inOneWay).toList());
            case Or(var operands) ->
                new Or(operands.stream().map(this::inOneWay).toList());
            case Not(var operand) -> new Not(inOneWay(operand));
            case Arithmetic(var operator, var left, var right) ->
                new Arithmetic(operator, inOneWay(left), inOneWay(right));
            case Call(var function, var arguments) ->
                new Call(function, arguments.stream().map(this::inOneWay).toList());
            case Literal _, Path _ -> expression;
        };
    }

    private Value written(Path path, String text) {
        return Value.of(fields.get(path).apply(text));
    }

    private static String status(String text) {
        return switch (text) {
            case "canceled" -> "cancelled";
            case "pending" -> "scheduled";
            default -> text;
        };
    }

    private static String time(String text) {
        return read(text).map(FORMAT::format).orElse(text);
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
