package io.freehub.query;

import java.util.List;
import java.util.Optional;

/** Where the properties of a record are in the database. */
@FunctionalInterface
public interface Columns {

    /** Where the property is, or empty if no record has it: then it is undefined. */
    Optional<Column> of(Path path);

    /**
     * A place in a row: an expression of SQL, and for JSONB the way from there.
     *
     * @param sql stands in the SQL text as it is, several times perhaps, so it is a column's name or as simple, and nothing
     *     that a caller sent; what is NULL is undefined
     * @param type the type of its values
     * @param within the steps from the value of the column to the property; only JSONB has any
     * @param index how an index finds rows by the property, where that needs another condition than the one on the value
     */
    record Column(String sql, Type type, List<Path.Step> within, Index index) {
        public Column {
            within = List.copyOf(within);
            if (type != Type.JSON && !within.isEmpty()) {
                throw new IllegalArgumentException("nothing is within " + type);
            }
        }

        private Column(String sql, Type type, List<Path.Step> within) {
            this(sql, type, within, Index.NONE);
        }

        /** A column of texts. */
        public static Column text(String sql) {
            return new Column(sql, Type.TEXT, List.of());
        }

        /** A column of any type of numbers. */
        public static Column number(String sql) {
            return new Column(sql + "::numeric", Type.NUMBER, List.of());
        }

        /** A column of truth values. */
        public static Column bool(String sql) {
            return new Column(sql, Type.BOOL, List.of());
        }

        /** A property in a column of JSONB. */
        public static Column json(String sql, List<Path.Step> within) {
            return new Column(sql, Type.JSON, within);
        }

        /** A property in a column of JSONB that has a GIN index of the class {@code jsonb_ops}. */
        public static Column indexedJson(String sql, List<Path.Step> within) {
            return json(sql, within).with(new Containment(sql, within));
        }

        /** The same with an index. */
        public Column with(Index byIndex) {
            return new Column(sql, type, within, byIndex);
        }
    }

    /**
     * Conditions that an index answers, each necessary and not more: they are true of every row that is asked for, and perhaps
     * of others.
     */
    interface Index {

        /** No index, or one that the condition on the value uses by itself. */
        Index NONE = new Index() {};

        /** True of every row whose property equals the value; empty if no index helps. */
        default Optional<String> equal(Value value, Parameters parameters) {
            return Optional.empty();
        }

        /** True of every row whose property is an array with the value in it; empty if no index helps. */
        default Optional<String> contains(Value value, Parameters parameters) {
            return Optional.empty();
        }

        /** True of every row that has the property; empty if no index helps. */
        default Optional<String> defined(Parameters parameters) {
            return Optional.empty();
        }
    }

    /** Takes what came from a text out of the SQL. */
    @FunctionalInterface
    interface Parameters {

        /** What stands in the SQL for the value, a String, Integer, BigDecimal or an array of them. */
        String add(Object value, String type);
    }

    /** What an expression of SQL yields. NULL is undefined in each. */
    enum Type {
        BOOL,
        NUMBER,
        TEXT,
        /** Of any type, known only row by row; JSON's null is a value. */
        JSON
    }
}
