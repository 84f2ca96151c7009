package io.freehub.twin.search;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** A statement of SQL in the making, with its parameters. */
final class Statement {

    private final StringBuilder text = new StringBuilder();
    private final List<Object> parameters;

    /** @param parameters those that come first */
    Statement(List<Object> parameters) {
        this.parameters = new ArrayList<>(parameters);
    }

    Statement add(String sql) {
        text.append(sql);
        return this;
    }

    /** What stands in the text for the value. */
    String parameter(Object value, String type) {
        parameters.add(value);
        return "$" + parameters.size() + "::" + type;
    }

    String text() {
        return text.toString();
    }

    Tuple parameters() {
        return Tuple.wrap(new ArrayList<>(parameters));
    }
}
