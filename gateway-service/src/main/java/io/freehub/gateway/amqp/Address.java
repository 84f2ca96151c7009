package io.freehub.gateway.amqp;

import io.freehub.model.DeviceId;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.PercentCoding;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;

/**
 * Where a link leads. C and C# write {@code amqps://host[:port]} before it, Java and Node.js do not; fixed words come in
 * any case; C# encodes ids, the others write them as they are.
 *
 * @param segments as written, without scheme, authority and slashes
 */
record Address(List<String> segments) {

    private static final Pattern AUTHORITY = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*");
    private static final int MAX_LENGTH = 1024;
    private static final int MAX_SEGMENTS = 16;

    /**
     * Below a device or a module.
     *
     * @param identities that are meant, the likeliest first: {@code %} may stand in an id, so it is read as it is before it is decoded
     * @param path what follows, in lower case
     */
    record OfIdentity(List<IdentityId> identities, String path) {}

    /** The address; without segments when the text is none. */
    static Address parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return new Address(List.of());
        }
        var path = AUTHORITY.matcher(text).replaceFirst("");
        var segments = Stream.of(path.split("/", MAX_SEGMENTS))
                .dropWhile(String::isEmpty)
                .toList();
        return new Address(
                !segments.isEmpty() && segments.getLast().isEmpty()
                        ? segments.subList(0, segments.size() - 1)
                        : segments);
    }

    /** The end of a link that is the hub's. */
    static Address of(Link link) {
        var text = link instanceof Receiver
                ? link.getRemoteTarget() instanceof Target target ? target.getAddress() : null
                : link.getRemoteSource() instanceof Source source ? source.getAddress() : null;
        return parse(text == null ? "" : text);
    }

    /** What it means when it begins with a device. */
    Optional<OfIdentity> ofIdentity() {
        if (segments.size() < 3 || !segments.getFirst().equalsIgnoreCase("devices")) {
            return Optional.empty();
        }
        boolean module = segments.size() > 4 && segments.get(2).equalsIgnoreCase("modules");
        var ids = module ? List.of(segments.get(1), segments.get(3)) : List.of(segments.get(1));
        var identities = Stream.of(ids, ids.stream().map(PercentCoding::decode).toList())
                .distinct()
                .flatMap(names -> identity(names).stream())
                .toList();
        return Optional.of(new OfIdentity(identities, lower(segments.subList(module ? 4 : 2, segments.size()))));
    }

    /** Whether it is this one; words in lower case. */
    boolean is(String path) {
        return lower(segments).equals(path);
    }

    private static Optional<IdentityId> identity(List<String> names) {
        try {
            var device = new DeviceId(names.getFirst());
            return Optional.of(
                    names.size() == 1 ? IdentityId.of(device) : IdentityId.of(device, new ModuleId(names.get(1))));
        } catch (HubException e) {
            return Optional.empty();
        }
    }

    private static String lower(List<String> words) {
        return String.join("/", words).toLowerCase(Locale.ROOT);
    }
}
