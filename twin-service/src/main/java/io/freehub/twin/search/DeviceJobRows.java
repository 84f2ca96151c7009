package io.freehub.twin.search;

import io.freehub.query.Query;
import io.freehub.query.SqlTranslation;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;

/** Records of scheduled jobs on devices, whole: the earliest job first, its devices in the order of their ids. */
final class DeviceJobRows implements Rows {

    private final Query query;

    DeviceJobRows(Query query) {
        this.query = query;
    }

    @Override
    public String itemType() {
        return "DeviceJob";
    }

    @Override
    public Future<Statement> statement(SqlClient client, Optional<Position> after, int limit) {
        var sql = SqlTranslation.indexed(query, DeviceJobs::column);
        var statement = new Statement(sql.parameters());
        statement.add("select " + DeviceJobs.ORDER + ", " + DeviceJobs.RECORD + " as record from " + DeviceJobs.RELATION
                + " where " + sql.where() + " and " + sql.necessary());
        after.map(Position.AtDeviceJob.class::cast)
                .ifPresent(last -> statement.add(" and (" + DeviceJobs.ORDER + ") > ("
                        + statement.parameter(last.job(), "bigint") + ", "
                        + statement.parameter(last.device(), "text") + ")"));
        return Future.succeededFuture(statement.add(" order by " + DeviceJobs.ORDER + " limit " + limit));
    }

    @Override
    public String json(Row row) {
        return row.getString("record");
    }

    @Override
    public Class<? extends Position> positions() {
        return Position.AtDeviceJob.class;
    }

    @Override
    public Position position(Row row) {
        return new Position.AtDeviceJob(row.getLong(0), row.getString(1));
    }
}
