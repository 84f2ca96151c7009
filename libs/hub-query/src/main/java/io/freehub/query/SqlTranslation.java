package io.freehub.query;

import java.util.List;
import java.util.Optional;

/**
 * A query in the SQL of PostgreSQL 17, with the meaning of {@link Evaluator}: as expressions and lists of them, from which
 * the caller, who knows the tables, makes a statement. Everything that came from the text of the query is a parameter.
 *
 * <p>A statement of it never fails for what a row holds, and its size is linear in that of the query.
 *
 * @param columns for each item of the query an expression that yields its value as JSON text, NULL if undefined; empty for
 *     {@code SELECT *}
 * @param where an expression that yields the condition's truth value, NULL if undefined
 * @param necessary a condition for indexes, true of every row for which {@code where} is, and perhaps of others; {@code TRUE}
 *     if there is none
 * @param groupBy expressions
 * @param orderBy expressions for {@code ORDER BY}, each to be sorted with NULL last: a number, and a text of collation "C"
 * @param parameters the values of {@code $1}, {@code $2} and so on, each a String, Integer, BigDecimal, or an array of
 *     String or BigDecimal; the caller's own come after them
 */
public record SqlTranslation(
        List<String> columns,
        String where,
        String necessary,
        List<String> groupBy,
        List<String> orderBy,
        List<Object> parameters) {

    private static final String TRUE = "TRUE";

    public SqlTranslation {
        columns = List.copyOf(columns);
        groupBy = List.copyOf(groupBy);
        orderBy = List.copyOf(orderBy);
        parameters = List.copyOf(parameters);
    }

    /** Translates a query, without a condition for indexes. */
    public static SqlTranslation of(Query query, Columns columns) {
        return of(query, new SqlWriter(columns), false);
    }

    /** Translates a query. A statement must have both conditions, since PostgreSQL wants every parameter used. */
    public static SqlTranslation indexed(Query query, Columns columns) {
        return of(query, new SqlWriter(columns), true);
    }

    /** Translates a condition, without one for indexes. */
    public static SqlTranslation of(Expression condition, Columns columns) {
        var writer = new SqlWriter(columns);
        return new SqlTranslation(
                List.of(), writer.condition(Optional.of(condition)), TRUE, List.of(), List.of(), writer.parameters());
    }

    /** Only the condition for indexes, if there is one: with it one can find out how many rows are to be looked at. */
    public static Optional<SqlTranslation> candidates(Expression condition, Columns columns) {
        var writer = new SqlWriter(columns);
        return writer.necessary(condition)
                .map(necessary ->
                        new SqlTranslation(List.of(), TRUE, necessary, List.of(), List.of(), writer.parameters()));
    }

    private static SqlTranslation of(Query query, SqlWriter writer, boolean indexed) {
        return new SqlTranslation(
                query.items().stream()
                        .map(item -> writer.selected(item.selected()))
                        .toList(),
                writer.condition(query.where()),
                indexed ? query.where().flatMap(writer::necessary).orElse(TRUE) : TRUE,
                query.groupBy().stream().map(writer::group).toList(),
                query.orderBy().map(order -> writer.order(order.path())).orElse(List.of()),
                writer.parameters());
    }

    /**
     * The statement for a query that selects items in no order.
     *
     * @param from what stands after FROM
     */
    public String select(String from) {
        if (columns.isEmpty() || !orderBy.isEmpty()) {
            throw new IllegalStateException("only the caller knows whole records, and how to order pages");
        }
        return "SELECT " + String.join(", ", columns) + " FROM " + from + " WHERE " + where + " AND "
                + necessary
                + (groupBy.isEmpty() ? "" : " GROUP BY " + String.join(", ", groupBy));
    }
}
