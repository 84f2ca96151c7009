package io.freehub.gateway.amqp;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A message of a device that asks or answers something. Sections may come in any order, and a body need not be there.
 *
 * @param correlationId with its type
 * @param annotations by their names in lower case; none is null
 * @param properties of the application, by their names in lower case; none is null
 */
record DeviceRequest(
        Optional<Object> correlationId, Map<String, Object> annotations, Map<String, Object> properties, byte[] body) {

    static DeviceRequest read(byte[] encoded) throws DeviceMessage.UnacceptableException {
        Optional<Object> correlationId = Optional.empty();
        var annotations = new HashMap<String, Object>();
        var application = new HashMap<String, Object>();
        var body = new ByteArrayOutputStream();
        for (var section : DeviceMessage.sections(encoded)) {
            switch (section) {
                case Properties properties -> correlationId = Optional.ofNullable(properties.getCorrelationId());
                case MessageAnnotations all -> add(annotations, all.getValue());
                case ApplicationProperties all -> add(application, all.getValue());
                case Data part -> body.writeBytes(DeviceMessage.bytes(part.getValue()));
                case AmqpValue value
                when value.getValue() != null -> throw DeviceMessage.malformed("the body is to be data");
                case null, default -> {
                    // Nothing that a request is told by.
                }
            }
        }
        return new DeviceRequest(correlationId, annotations, application, body.toByteArray());
    }

    private static void add(Map<String, Object> to, @Nullable Map<?, ?> from) {
        if (from != null) {
            from.forEach((name, value) -> {
                if (value != null) {
                    to.put(String.valueOf(name).toLowerCase(Locale.ROOT), value);
                }
            });
        }
    }

    /** Text of an annotation; empty when it is not there. */
    Optional<String> annotation(String name) {
        return Optional.ofNullable(annotations.get(name)).map(Object::toString);
    }
}
