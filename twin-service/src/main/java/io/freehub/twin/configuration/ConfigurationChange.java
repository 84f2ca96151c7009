package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.http.Precondition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** A change of a configuration that a client asks for, and the decision what becomes of it. */
sealed interface ConfigurationChange {

    /** Id of the configuration in question. */
    String id();

    /** Create a configuration or, when the precondition names one, write it anew. */
    record Put(String id, Precondition precondition, Spec spec) implements ConfigurationChange {}

    /** Remove the configuration; without a precondition too, as the Node SDK does. */
    record Delete(String id, Precondition precondition) implements ConfigurationChange {}

    /** What becomes of it. */
    sealed interface Outcome {

        /** It is new. */
        record Created(Configuration configuration) implements Outcome {}

        /**
         * It was there before.
         *
         * @param rollsOut whether other twins may have it now, or other parts of it
         */
        record Replaced(Configuration configuration, boolean rollsOut) implements Outcome {}

        /** It is gone. */
        record Deleted(String id) implements Outcome {}
    }

    /**
     * What a decision cannot make itself.
     *
     * @param version where a new configuration begins to count: anywhere, so that a tag of an earlier one does not fit by chance
     */
    record Fresh(long version, Instant now) {
        public Fresh {
            now = now.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * Configurations beside the one in question, or as many as there may be in all.
     *
     * @param bytes of what clients wrote of them: all are read, and listed, at once
     */
    record Others(int count, long bytes) {

        private void requireRoomFor(Configuration configuration, Others most) {
            if (count >= most.count) {
                throw new HubException(
                        HubError.TOO_MANY_CONFIGURATIONS,
                        "there are " + count + " configurations, and the hub has no more than " + most.count);
            }
            if (bytes + configuration.size() > most.bytes) {
                throw new HubException(
                        HubError.TOO_MANY_CONFIGURATIONS,
                        "this configuration has " + configuration.size() + " bytes, the others have " + bytes
                                + ", and together they may have no more than " + most.bytes);
            }
        }
    }

    /**
     * Decides. The content of a configuration that exists stays what it is, whatever is sent.
     *
     * @param most how much there may be
     * @throws HubException when nothing is to change, saying why
     */
    default Outcome decide(Optional<Configuration> current, Others others, Others most, Fresh fresh) {
        return switch (this) {
            case Put(var id, Precondition.Absent(), var spec) -> {
                if (current.isPresent()) {
                    throw new HubException(
                            HubError.CONFIGURATION_ALREADY_EXISTS,
                            "A configuration with the id '" + id + "' exists already. To update it, send If-Match.");
                }
                var created = new Configuration(
                        id,
                        fresh.version(),
                        1,
                        spec.schemaVersion(),
                        spec.labels(),
                        spec.content(),
                        spec.target(),
                        spec.priority(),
                        spec.metrics(),
                        fresh.now(),
                        fresh.now());
                others.requireRoomFor(created, most);
                yield new Outcome.Created(created);
            }
            case Put(var _, var precondition, var spec) -> {
                var replaced = replaced(existing(current, precondition), spec, fresh);
                others.requireRoomFor(replaced.configuration(), most);
                yield replaced;
            }
            case Delete(var id, var precondition) -> {
                existing(current, precondition);
                yield new Outcome.Deleted(id);
            }
        };
    }

    private static Outcome.Replaced replaced(Configuration before, Spec spec, Fresh fresh) {
        spec.target().requireFits(before.content());
        boolean rollsOut = spec.priority() != before.priority()
                || !spec.target().text().equals(before.target().text());
        return new Outcome.Replaced(
                new Configuration(
                        before.id(),
                        before.version() + 1,
                        before.rollout() + (rollsOut ? 1 : 0),
                        spec.schemaVersion(),
                        spec.labels(),
                        before.content(),
                        spec.target(),
                        spec.priority(),
                        spec.metrics(),
                        before.createdAt(),
                        fresh.now()),
                rollsOut);
    }

    private Configuration existing(Optional<Configuration> current, Precondition precondition) {
        var configuration = current.orElseThrow(() -> notFound(id()));
        precondition.check(configuration.etag());
        return configuration;
    }

    /** Says that there is no such configuration. */
    static HubException notFound(String id) {
        return new HubException(
                HubError.CONFIGURATION_NOT_FOUND, "There is no configuration with the id '" + id + "'.");
    }
}
