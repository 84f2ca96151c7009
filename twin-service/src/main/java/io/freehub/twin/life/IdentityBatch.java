package io.freehub.twin.life;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.IdentityDescription;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run of registry events comes to: the last of each identity counts.
 *
 * @param begun lives that go on, in the order of ids
 * @param described what is known of those, as far as the events say
 * @param ended lives that are over, in the order of ids
 */
record IdentityBatch(Collection<Life> begun, Collection<Description> described, Collection<Life> ended) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** One life of a device or module. */
    record Life(IdentityId identity, long generation) {

        /** All that came before. */
        Life earlier() {
            return new Life(identity, generation - 1);
        }
    }

    /** What is known of a life, in a version of its identity. */
    record Description(Life life, long version, IdentityDescription identity) {}

    /**
     * @param events in the order of the log, as far as they are of one device
     * @throws NumberFormatException when a generation is no number, as the registry's all are
     */
    static IdentityBatch of(List<RegistryEvent> events) {
        Map<IdentityId, RegistryEvent> last = new TreeMap<>();
        events.forEach(event -> last.put(event.identity(), event));
        return new IdentityBatch(
                last.values().stream()
                        .filter(event -> !(event instanceof RegistryEvent.Deleted))
                        .map(IdentityBatch::life)
                        .toList(),
                last.values().stream()
                        .map(IdentityBatch::description)
                        .flatMap(Optional::stream)
                        .toList(),
                last.values().stream()
                        .filter(RegistryEvent.Deleted.class::isInstance)
                        .map(IdentityBatch::life)
                        .toList());
    }

    private static Life life(RegistryEvent event) {
        return new Life(event.identity(), Long.parseLong(event.generationId()));
    }

    private static Optional<Description> description(RegistryEvent event) {
        return switch (event) {
            case RegistryEvent.Created created ->
                created.description().map(known -> new Description(life(event), created.version(), known));
            case RegistryEvent.Updated updated ->
                updated.description().map(known -> new Description(life(event), updated.version(), known));
            case RegistryEvent.Deleted _ -> Optional.empty();
        };
    }

    /** The lives as rows for a statement. */
    static String json(Collection<Life> lives) {
        return write(lives.stream().map(IdentityBatch::columns).toList());
    }

    /** The descriptions likewise. */
    static String jsonOf(Collection<Description> descriptions) {
        return write(descriptions.stream().map(IdentityBatch::columns).toList());
    }

    private static Map<String, Object> columns(Life life) {
        return Map.of("id", life.identity().toString(), "generation", life.generation());
    }

    private static Map<String, Object> columns(Description description) {
        var columns = new HashMap<>(columns(description.life()));
        var identity = description.identity();
        columns.put("version", description.version());
        columns.put("etag", identity.etag());
        columns.put("status", identity.status().wireName());
        identity.statusReason().ifPresent(reason -> columns.put("status_reason", reason));
        identity.statusUpdatedAt().ifPresent(at -> columns.put("status_updated_at", at.toString()));
        columns.put("authentication", identity.authentication());
        identity.primaryThumbprint().ifPresent(thumbprint -> columns.put("primary_thumbprint", thumbprint));
        identity.secondaryThumbprint().ifPresent(thumbprint -> columns.put("secondary_thumbprint", thumbprint));
        identity.iotEdge().ifPresent(edge -> columns.put("edge", edge));
        identity.deviceScope().ifPresent(scope -> columns.put("device_scope", scope));
        if (!identity.parentScopes().isEmpty()) {
            columns.put("parent_scopes", identity.parentScopes());
        }
        return columns;
    }

    private static String write(List<Map<String, Object>> rows) {
        try {
            return MAPPER.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
