package io.freehub.query;

import io.freehub.query.Path.Name;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds rows by what a column of JSONB contains. A value is contained in a document when it is at the same place there, but
 * for arrays: their elements are contained at any position. So positions end what can be said.
 */
record Containment(String sql, List<Path.Step> within) implements Columns.Index {

    @Override
    public Optional<String> equal(Value value, Columns.Parameters parameters) {
        return within.isEmpty() || !value.isPrimitive() ? Optional.empty() : containing(value, parameters);
    }

    @Override
    public Optional<String> contains(Value value, Columns.Parameters parameters) {
        return value.isPrimitive() ? containing(new Value.Array(List.of(value)), parameters) : Optional.empty();
    }

    @Override
    public Optional<String> defined(Columns.Parameters parameters) {
        return within.isEmpty() || !(within.getFirst() instanceof Name(var name))
                ? Optional.empty()
                : Optional.of("(" + sql + " ? " + parameters.add(name, "text") + ")");
    }

    private Optional<String> containing(Value value, Columns.Parameters parameters) {
        var document = value;
        for (var step : within.reversed()) {
            if (!(step instanceof Name(var name))) {
                return Optional.empty();
            }
            document = new Value.Members(Map.of(name, document));
        }
        return Optional.of("(" + sql + " @> (" + parameters.add(document.json(), "text") + ")::jsonb)");
    }
}
