package io.freehub.twin.search;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;

/** What a query selects from, as the database has it. */
interface Rows {

    /** What the rows are, as clients tell them apart: {@code Twin}, {@code DeviceJob} or {@code Raw}. */
    String itemType();

    /** The statement for the next rows. */
    Future<Statement> statement(SqlClient client, Optional<Position> after, int limit);

    /** The row as JSON. */
    String json(Row row);

    /** What {@link #position} gives, and {@link #statement} takes. */
    Class<? extends Position> positions();

    /** Where the next rows go on when this was the last. */
    Position position(Row row);
}
