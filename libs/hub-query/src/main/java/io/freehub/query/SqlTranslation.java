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
 * @param groupBy expressions
 * @param parameters the values of {@code $1}, {@code $2} and so on, each a String, Integer, BigDecimal, or an array of
 *     String or BigDecimal; the caller's own come after them
 */
public record SqlTranslation(List<String> columns, String where, List<String> groupBy, List<Object> parameters) {

    public SqlTranslation {
        columns = List.copyOf(columns);
        groupBy = List.copyOf(groupBy);
        parameters = List.copyOf(parameters);
    }

    /** Translates a query. */
    public static SqlTranslation of(Query query, Columns columns) {
        var writer = new SqlWriter(columns);
        return new SqlTranslation(
                query.items().stream()
                        .map(item -> writer.selected(item.selected()))
                        .toList(),
                writer.condition(query.where()),
                query.groupBy().stream().map(writer::group).toList(),
                writer.parameters());
    }

    /** Translates a condition. */
    public static SqlTranslation of(Expression condition, Columns columns) {
        var writer = new SqlWriter(columns);
        return new SqlTranslation(List.of(), writer.condition(Optional.of(condition)), List.of(), writer.parameters());
    }

    /**
     * The statement for a query that selects items.
     *
     * @param from what stands after FROM
     */
    public String select(String from) {
        if (columns.isEmpty()) {
            throw new IllegalStateException("the query selects whole records; only the caller knows their columns");
        }
        return "SELECT " + String.join(", ", columns) + " FROM " + from + " WHERE " + where
                + (groupBy.isEmpty() ? "" : " GROUP BY " + String.join(", ", groupBy));
    }
}
