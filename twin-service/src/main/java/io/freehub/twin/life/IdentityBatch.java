package io.freehub.twin.life;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of registry events comes to: the last of each identity counts.
 *
 * @param begun lives that go on, in the order of ids
 * @param ended lives that are over, in the order of ids
 */
record IdentityBatch(Collection<Life> begun, Collection<Life> ended) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** One life of a device or module. */
    record Life(IdentityId identity, long generation) {}

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
                        .filter(RegistryEvent.Deleted.class::isInstance)
                        .map(IdentityBatch::life)
                        .toList());
    }

    private static Life life(RegistryEvent event) {
        return new Life(event.identity(), Long.parseLong(event.generationId()));
    }

    /** The lives as rows for a statement. */
    static String json(Collection<Life> lives) {
        try {
            return MAPPER.writeValueAsString(lives.stream()
                    .map(life -> Map.of("id", life.identity().toString(), "generation", life.generation()))
                    .toList());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
