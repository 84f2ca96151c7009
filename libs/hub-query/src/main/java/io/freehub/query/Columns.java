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
     */
    record Column(String sql, Type type, List<Path.Step> within) {
        public Column {
            within = List.copyOf(within);
            if (type != Type.JSON && !within.isEmpty()) {
                throw new IllegalArgumentException("nothing is within " + type);
            }
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
