package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where clients of Event Hubs attach. Fixed words come in any case.
 *
 * <p>Source: the SDKs of Event Hubs; IoT Hub, "read device-to-cloud messages from the built-in endpoint".
 */
sealed interface EventAddress {

    /** Where IoT Hub has events, which Event Hubs knows nothing of. */
    List<String> OF_HUB = List.of("messages", "events");

    String MANAGEMENT = "$management";

    Pattern NUMBER = Pattern.compile("[0-9]{1,6}");

    /** Events of one partition; the number is as written. */
    record Partition(String entity, String group, String partition) implements EventAddress {

        /** Resources that a token may be for. */
        List<List<String>> resources() {
            var rest = List.of("ConsumerGroups", group, "Partitions", partition);
            return List.of(below(List.of(entity), rest), below(OF_HUB, rest));
        }

        /** @throws HubException {@link HubError#NOT_FOUND} when there is none of so many */
        int number(int partitions) {
            if (NUMBER.matcher(partition).matches() && Integer.parseInt(partition) < partitions) {
                return Integer.parseInt(partition);
            }
            throw unknown("partition", partition);
        }

        HubException unknownGroup() {
            return unknown("consumer group", group);
        }
    }

    /**
     * What there is to read.
     *
     * @param entity empty when every request names it
     */
    record Management(Optional<String> entity) implements EventAddress {}

    /**
     * The same at IoT Hub's own address.
     *
     * @param suffix what follows it, as written
     */
    record OfHub(List<String> suffix) implements EventAddress {

        boolean isManagement() {
            return !suffix.isEmpty() && suffix.getLast().equalsIgnoreCase(MANAGEMENT);
        }

        /** What it means at the entity of this name. */
        Optional<Partition> partition(String entity) {
            return EventAddress.partition(entity, suffix);
        }

        List<List<String>> resources(String entity) {
            return List.of(below(OF_HUB, suffix), below(List.of(entity), suffix));
        }
    }

    /** The address if it is one of these. */
    static Optional<EventAddress> of(Address address) {
        var segments = address.segments();
        if (segments.size() >= OF_HUB.size()
                && segments.get(0).equalsIgnoreCase(OF_HUB.get(0))
                && segments.get(1).equalsIgnoreCase(OF_HUB.get(1))) {
            return Optional.of(new OfHub(segments.subList(2, segments.size())));
        }
        if (!segments.isEmpty() && segments.size() <= 2 && segments.getLast().equalsIgnoreCase(MANAGEMENT)) {
            return Optional.of(
                    new Management(segments.size() == 1 ? Optional.empty() : Optional.of(segments.getFirst())));
        }
        return segments.isEmpty()
                ? Optional.empty()
                : partition(segments.getFirst(), segments.subList(1, segments.size()))
                        .map(EventAddress.class::cast);
    }

    /** Java's SDK tries again and again unless it reads just these words. */
    static HubException unknown(String what, String name) {
        return new HubException(
                HubError.NOT_FOUND,
                "The messaging entity '" + what + " " + AmqpErrors.shown(name) + "' could not be found.");
    }

    private static Optional<Partition> partition(String entity, List<String> rest) {
        return rest.size() == 4
                        && rest.get(0).equalsIgnoreCase("ConsumerGroups")
                        && rest.get(2).equalsIgnoreCase("Partitions")
                ? Optional.of(new Partition(entity, rest.get(1), rest.get(3)))
                : Optional.empty();
    }

    private static List<String> below(List<String> first, List<String> rest) {
        return Stream.concat(first.stream(), rest.stream()).toList();
    }
}
