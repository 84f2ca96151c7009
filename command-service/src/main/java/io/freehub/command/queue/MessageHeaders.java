package io.freehub.command.queue;

import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;

/** Properties of a message as headers of a request. Where a header comes twice, the first counts. */
final class MessageHeaders {

    private static final String APPLICATION = "iothub-app-";

    private static final Map<String, SystemProperty> SYSTEM = Map.of(
            "iothub-messageid", SystemProperty.MESSAGE_ID,
            "iothub-correlationid", SystemProperty.CORRELATION_ID,
            "iothub-userid", SystemProperty.USER_ID,
            "iothub-to", SystemProperty.TO,
            "iothub-expiry", SystemProperty.EXPIRY,
            "iothub-ack", SystemProperty.ACK,
            "iothub-contenttype", SystemProperty.CONTENT_TYPE,
            "iothub-contentencoding", SystemProperty.CONTENT_ENCODING);

    private MessageHeaders() {}

    /** The message that a request sends. Names of headers come in any case; an application's keep theirs. */
    static OutgoingMessage message(Iterable<Entry<String, String>> headers, byte[] body) {
        var system = new EnumMap<SystemProperty, String>(SystemProperty.class);
        var application = new ArrayList<Application>();
        var names = new HashSet<String>();
        for (var header : headers) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (SYSTEM.containsKey(name) && !header.getValue().isEmpty()) {
                system.putIfAbsent(SYSTEM.get(name), header.getValue());
            } else if (name.startsWith(APPLICATION) && names.add(name)) {
                application.add(new Application(
                        header.getKey().substring(APPLICATION.length()), Optional.of(header.getValue())));
            }
        }
        return OutgoingMessage.of(system, application, body);
    }
}
