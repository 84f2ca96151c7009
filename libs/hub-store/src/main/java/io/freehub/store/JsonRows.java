package io.freehub.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** Statements for many rows at once: their one parameter is a JSON array that {@code json_to_recordset} reads. */
public final class JsonRows {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonRows() {}

    /**
     * Executes a statement, unless there are no rows.
     *
     * @param rows maps or records of texts, numbers, truth values and lists of them, by the names of the columns; what is absent
     *     or null is null in the database
     */
    public static void execute(Connection connection, String statement, Collection<?> rows) throws SQLException {
        if (!rows.isEmpty()) {
            try (var update = connection.prepareStatement(statement)) {
                update.setString(1, json(rows));
                update.executeUpdate();
            }
        }
    }

    private static String json(Object rows) {
        try {
            return MAPPER.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
