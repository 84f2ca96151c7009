package io.freehub.twin.search;

import static java.util.stream.Collectors.joining;

import io.freehub.query.Query;
import io.freehub.query.SqlTranslation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The statements of a query over twins.
 *
 * <p>What is asked of JSON is found by an index, or by going through twins in the order of pages until enough are found. The
 * first is right for what few twins have, the second for what many have. PostgreSQL cannot know which: its estimates of what JSON
 * contains are coarse. So candidates are counted first, up to {@link #FEW}, and the statement leaves no choice after that.
 */
final class Selection {

    /** So many candidates are looked at for each page: some tens of milliseconds. */
    static final int FEW = 10_000;

    private static final String TWINS = "twin t";

    private final Query query;
    private final TwinColumns columns;

    /** @param query over devices or modules */
    Selection(Query query) {
        this.query = query;
        this.columns = new TwinColumns(query.source());
    }

    /** Counts candidates up to one more than {@link #FEW}; empty when no index helps. */
    Optional<Statement> candidates() {
        return query.where()
                .flatMap(where -> SqlTranslation.candidates(where, columns))
                .map(sql -> new Statement(sql.parameters())
                        .add("select count(*) from (select from " + TWINS + " where " + kind() + " and "
                                + sql.necessary() + " limit " + (FEW + 1) + ") candidate"));
    }

    /**
     * Twins in the order of pages. The two values that an order needs of the last twin come as {@code order_number} and
     * {@code order_text}.
     *
     * @param selected what stands after SELECT
     * @param few whether there are few candidates, and an index is to find them
     */
    Statement twins(String selected, boolean few, Optional<Position.AtTwin> after, int limit) {
        var sql = few ? SqlTranslation.indexed(records(), columns) : SqlTranslation.of(records(), columns);
        var statement = new Statement(sql.parameters());
        statement.add("select " + selected);
        if (!sql.orderBy().isEmpty()) {
            statement.add(", (" + sql.orderBy().getFirst() + ")::text as order_number, ("
                    + sql.orderBy().getLast() + ") as order_text");
        }
        // OFFSET 0 keeps the planner from going through all twins in their order instead.
        statement.add(" from "
                + (few
                        ? "(select * from " + TWINS + " where " + kind() + " and " + sql.necessary() + " offset 0) t"
                        : TWINS));
        statement.add(TwinColumns.JOINS + " where " + kind() + " and " + sql.where());
        after.ifPresent(position -> statement.add(" and " + behind(position, sql.orderBy(), statement)));
        return statement.add(" order by " + order(sql.orderBy()) + " limit " + limit);
    }

    /** Rows that stand for several records each: the items as JSON text, and two hashes when there are groups. */
    Statement figures(Optional<Position.AtGroup> after, int limit) {
        var sql = SqlTranslation.indexed(query, columns);
        var statement = new Statement(sql.parameters());
        var items = IntStream.range(0, sql.columns().size())
                .mapToObj(i -> sql.columns().get(i) + " as item_" + i)
                .collect(joining(", "));
        if (sql.groupBy().isEmpty()) {
            return statement.add("select " + items + from(sql));
        }
        var key = sql.groupBy().stream()
                .map(group ->
                        "case when " + group + " is null then '[]'::jsonb else jsonb_build_array(" + group + ") end")
                .collect(joining(", ", "jsonb_build_array(", ")"));
        statement.add("select * from (select " + items + ", jsonb_hash_extended(" + key + ", 0) as hash,"
                + " jsonb_hash_extended(" + key + ", 1) as second_hash" + from(sql) + " group by "
                + String.join(", ", sql.groupBy()) + ") g");
        after.ifPresent(position -> statement.add(" where (hash, second_hash) > ("
                + statement.parameter(position.hash(), "bigint") + ", "
                + statement.parameter(position.secondHash(), "bigint") + ")"));
        return statement.add(" order by hash, second_hash limit " + limit);
    }

    /** How many rows the query has, apart from TOP. */
    Statement count() {
        var counted =
                new Query(query.top(), List.of(), query.source(), query.where(), query.groupBy(), Optional.empty());
        var sql = SqlTranslation.indexed(counted, columns);
        var statement = new Statement(sql.parameters());
        return sql.groupBy().isEmpty()
                ? statement.add(query.isAggregated() ? "select 1::bigint" + guard(sql) : "select count(*)" + from(sql))
                : statement.add("select count(*) from (select 1" + from(sql) + " group by "
                        + String.join(", ", sql.groupBy()) + ") g");
    }

    /** One row whatever is there; names the parameters, since PostgreSQL wants every one used. */
    private String guard(SqlTranslation sql) {
        return " where exists (select 1" + from(sql) + " limit 1) is not null";
    }

    private String from(SqlTranslation sql) {
        return " from " + TWINS + TwinColumns.JOINS + " where " + kind() + " and " + sql.where() + " and "
                + sql.necessary();
    }

    private Query records() {
        return new Query(query.top(), List.of(), query.source(), query.where(), List.of(), query.orderBy());
    }

    private String kind() {
        return query.source() == Query.Source.MODULES ? "t.module_id <> ''" : "t.module_id = ''";
    }

    private String order(List<String> values) {
        var order = new ArrayList<String>();
        values.forEach(value -> order.add(value + (isDescending() ? " desc" : "") + " nulls last"));
        order.addAll(List.of("t.module_id", "t.id"));
        return String.join(", ", order);
    }

    private String behind(Position.AtTwin last, List<String> values, Statement statement) {
        var twin = "(t.module_id, t.id) > (" + statement.parameter(last.module(), "text") + ", "
                + statement.parameter(last.identity().toString(), "text") + ")";
        if (values.isEmpty()) {
            return twin;
        }
        var number = values.getFirst();
        var text = values.getLast();
        if (last.number().isPresent()) {
            return behind(number, statement.parameter(last.number().get(), "text") + "::numeric", twin);
        }
        return "(" + number + " is null and "
                + last.text()
                        .map(value -> behind(text, statement.parameter(value, "text"), twin))
                        .orElse("(" + text + ") is null and " + twin)
                + ")";
    }

    private String behind(String ordered, String value, String twin) {
        return "((" + ordered + ") " + (isDescending() ? "<" : ">") + " " + value + " or (" + ordered + ") = " + value
                + " and " + twin + " or (" + ordered + ") is null)";
    }

    private boolean isDescending() {
        return query.orderBy().stream().anyMatch(Query.Order::descending);
    }
}
