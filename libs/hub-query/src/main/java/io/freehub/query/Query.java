package io.freehub.query;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A query over twins or records of jobs, in which all that the language asks of a query holds: what is selected beside an
 * aggregate is grouped by, and job records are selected whole and in no other order than their own. Properties have the spelling of the twin's JSON, whatever
 * case the text has.
 *
 * @param top how many rows at most; 1 or more
 * @param items what a row has; empty for the whole record ({@code SELECT *})
 * @param source what is asked
 * @param where which records count
 * @param groupBy what makes one row; empty for no groups
 * @param orderBy how records are ordered; empty when no row stands for several
 */
public record Query(
        OptionalInt top,
        List<Item> items,
        Source source,
        Optional<Expression> where,
        List<Path> groupBy,
        Optional<Order> orderBy) {

    public Query {
        items = List.copyOf(items);
        groupBy = List.copyOf(groupBy);
    }

    /** What is asked. */
    public enum Source {
        DEVICES("devices"),
        MODULES("devices.modules"),
        JOBS("devices.jobs");

        private final String text;

        Source(String text) {
            this.text = text;
        }

        /** As it is written. */
        public String text() {
            return text;
        }
    }

    /** What stands in a row. */
    public sealed interface Selected {}

    /** The value of a property. */
    public record Property(Path path) implements Selected {}

    /**
     * A figure of all records of a group.
     *
     * @param of whose values; empty for a count of records
     */
    public record Aggregate(Kind kind, Optional<Path> of) implements Selected {

        /** Which figure. */
        public enum Kind {
            /** How many records, or how many that have the property. */
            COUNT,
            /** The mean of the numbers; none without numbers. */
            AVG,
            /** The sum of the numbers; 0 without numbers. */
            SUM,
            /** The least of the numbers, without numbers that of the strings; none without either. */
            MIN,
            /** The greatest, likewise. */
            MAX
        }
    }

    /**
     * A member of a row.
     *
     * @param alias the key that the query gives it
     */
    public record Item(Selected selected, Optional<String> alias) {}

    /**
     * An order of records: those with numbers first, then those with strings, in both directions; the others come last.
     *
     * @param descending whether the greatest of each come first
     */
    public record Order(Path path, boolean descending) {}

    /** Whether each row is a whole record. */
    public boolean selectsAll() {
        return items.isEmpty();
    }

    /** Whether a row stands for several records. */
    public boolean isAggregated() {
        return !groupBy.isEmpty() || items.stream().anyMatch(item -> item.selected() instanceof Aggregate);
    }

    /** The key of each item in its row: its alias, the last name of its path, or {@code $} and its position from 1. */
    public List<String> keys() {
        return IntStream.range(0, items.size())
                .mapToObj(i -> items.get(i).alias().orElseGet(() -> switch (items.get(i)
                        .selected()) {
                    case Property(var path) -> path.lastName();
                    case Aggregate _ -> "$" + (i + 1);
                }))
                .toList();
    }

    Query inOneSpelling() {
        return new Query(top, items, source, where.map(Spellings.of(source)::inOneWay), groupBy, orderBy);
    }

    /** This query as a text that the parser reads as the same query. */
    public String text() {
        return Writing.query(this);
    }
}
