package io.freehub.gateway.amqp;

import io.freehub.gateway.events.EventPosition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;

/**
 * What a client asks for when it attaches to a partition.
 *
 * <p>Source: the SDKs of Event Hubs. They differ in the descriptor of the filter, which says nothing.
 *
 * @param name as the client calls the receiver, for people
 * @param epoch of a receiver that wants to read alone; 0 is one
 * @param tracked whether every event is to say what stands last in the partition
 */
record EventRequest(EventPosition position, String name, Optional<Long> epoch, boolean tracked) {

    /** Capability of a link whose events say what stands last in the partition. */
    static final Symbol TRACKING = Symbol.valueOf("com.microsoft:enable-receiver-runtime-metric");

    private static final Symbol SELECTOR = Symbol.valueOf("apache.org:selector-filter:string");
    private static final Symbol EPOCH = Symbol.valueOf("com.microsoft:epoch");
    private static final Symbol NAME = Symbol.valueOf("com.microsoft:receiver-name");
    private static final int LONGEST_NAME = 64;

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when it makes no sense */
    static EventRequest of(OutgoingLink link) {
        return new EventRequest(position(link.filters()), name(link), epoch(link.properties()), link.desires(TRACKING));
    }

    private static EventPosition position(Map<?, ?> filters) {
        return switch (filters.get(SELECTOR)) {
            case null -> EventPosition.EARLIEST;
            case String filter -> EventPosition.parse(filter);
            case DescribedType filter when filter.getDescribed() instanceof String text -> EventPosition.parse(text);
            default -> throw new HubException(HubError.ARGUMENT_INVALID, "the filter is no text");
        };
    }

    private static String name(OutgoingLink link) {
        var name = link.properties().get(NAME) instanceof String text && !text.isEmpty() ? text : link.name();
        return AmqpErrors.shown(name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME));
    }

    private static Optional<Long> epoch(Map<Symbol, Object> properties) {
        return switch (properties.get(EPOCH)) {
            case null -> Optional.empty();
            case Number epoch -> Optional.of(epoch.longValue());
            default -> throw new HubException(HubError.ARGUMENT_INVALID, EPOCH + " is no number");
        };
    }
}
