package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.freehub.model.MessageProperties;
import io.freehub.model.SystemProperty;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.DeliveryAnnotations;
import org.apache.qpid.proton.amqp.messaging.Footer;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.jspecify.annotations.Nullable;

/**
 * A message of a device as AMQP encodes it. Sections may come in any order: the C SDK writes annotations last.
 *
 * <p>Source: AMQP 1.0, part 3, section 3.2; IoT Hub, "create and read messages".
 */
record DeviceMessage(MessageProperties properties, byte[] body) {

    /** Format of a transfer whose data sections are messages of their own; the C SDK knows no other. */
    static final int BATCH_FORMAT = 0x80013700;

    private static final Map<String, SystemProperty> ANNOTATIONS = Map.of(
            "iothub-interface-id", SystemProperty.INTERFACE_ID,
            "dt-subject", SystemProperty.SUBJECT,
            "diagnostic-id", SystemProperty.DIAGNOSTIC_ID,
            "correlation-context", SystemProperty.DIAGNOSTIC_CONTEXT);

    private static final FastThreadLocal<DecoderImpl> DECODERS = new FastThreadLocal<>() {
        @Override
        protected DecoderImpl initialValue() {
            var decoder = new DecoderImpl();
            AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
            return decoder;
        }
    };

    /** The client's message cannot be taken; the condition is AMQP's, the text says what is wrong. */
    static final class UnacceptableException extends Exception {

        private final String condition;

        UnacceptableException(String condition, String text) {
            super(text);
            this.condition = condition;
        }

        String condition() {
            return condition;
        }
    }

    /**
     * Reads what one transfer brought: one message, or those of a batch in their order.
     *
     * @param format of the transfer
     */
    static List<DeviceMessage> read(int format, byte[] encoded) throws UnacceptableException {
        if (format != BATCH_FORMAT) {
            return List.of(message(encoded));
        }
        var messages = new ArrayList<DeviceMessage>();
        for (var section : sections(encoded)) {
            if (section instanceof Data data) {
                messages.add(message(bytes(data.getValue())));
            }
        }
        if (messages.isEmpty()) {
            throw malformed("a batch has a data section for each message, this one has none");
        }
        return messages;
    }

    /** Application properties of what one transfer brought: those of the message or, in a batch, of what is around all of them. */
    static MessageProperties envelope(byte[] encoded) throws UnacceptableException {
        var reader = new Reader();
        for (var section : sections(encoded)) {
            if (section instanceof ApplicationProperties) {
                reader.add(section);
            }
        }
        return reader.properties();
    }

    private static DeviceMessage message(byte[] encoded) throws UnacceptableException {
        var reader = new Reader();
        for (var section : sections(encoded)) {
            reader.add(section);
        }
        var message = new DeviceMessage(reader.properties(), reader.body());
        int size = message.body.length + message.properties.size();
        if (size > MessageProperties.MAX_MESSAGE_SIZE) {
            throw new UnacceptableException(
                    HubError.MESSAGE_TOO_LARGE.amqpCondition(),
                    "a message of " + size + " bytes with its properties, at most " + MessageProperties.MAX_MESSAGE_SIZE
                            + " are allowed");
        }
        return message;
    }

    /** The sections of a message as they come. */
    static List<Object> sections(byte[] encoded) throws UnacceptableException {
        var decoder = DECODERS.get();
        var in = ByteBuffer.wrap(encoded);
        decoder.setByteBuffer(in);
        try {
            var sections = new ArrayList<>();
            while (in.hasRemaining()) {
                sections.add(decoder.readObject());
            }
            return sections;
        } catch (RuntimeException | StackOverflowError e) {
            // The codec tells of malformed bytes by exceptions of many types, and recurses as deep as they are nested.
            throw malformed("the bytes are no AMQP message");
        } finally {
            decoder.setByteBuffer(null);
        }
    }

    static byte[] bytes(@Nullable Binary binary) {
        return binary == null
                ? new byte[0]
                : Arrays.copyOfRange(
                        binary.getArray(), binary.getArrayOffset(), binary.getArrayOffset() + binary.getLength());
    }

    static UnacceptableException malformed(String what) {
        return new UnacceptableException(AmqpErrors.DECODE_ERROR, what);
    }

    private static final class Reader {

        private final Map<SystemProperty, String> system = new EnumMap<>(SystemProperty.class);

        // Conditions on routes do not tell names apart by case, so of two such names one stays.
        private final Map<String, MessageProperties.Application> application = new LinkedHashMap<>();
        private final List<byte[]> data = new ArrayList<>();
        private Optional<byte[]> value = Optional.empty();

        void add(@Nullable Object section) throws UnacceptableException {
            switch (section) {
                case Properties properties -> addProperties(properties);
                case ApplicationProperties properties -> addApplication(properties);
                case MessageAnnotations annotations -> addAnnotations(annotations);
                case Data part -> data.add(bytes(part.getValue()));
                case AmqpValue body -> value = Optional.of(bytesOf(body.getValue()));
                case AmqpSequence _ -> throw noBytes("a sequence");
                case Header _, DeliveryAnnotations _, Footer _ -> {
                    // For those on the way.
                }
                case null, default -> throw malformed("a section of a message was expected");
            }
        }

        private void addProperties(Properties properties) throws UnacceptableException {
            put(SystemProperty.MESSAGE_ID, properties.getMessageId());
            put(SystemProperty.CORRELATION_ID, properties.getCorrelationId());
            if (properties.getUserId() != null) {
                system.put(SystemProperty.USER_ID, new String(bytes(properties.getUserId()), StandardCharsets.UTF_8));
            }
            put(SystemProperty.TO, properties.getTo());
            put(SystemProperty.CONTENT_TYPE, properties.getContentType());
            put(SystemProperty.CONTENT_ENCODING, properties.getContentEncoding());
            put(SystemProperty.EXPIRY, properties.getAbsoluteExpiryTime());
            if (!system.containsKey(SystemProperty.CREATION_TIME)) {
                put(SystemProperty.CREATION_TIME, properties.getCreationTime());
            }
        }

        private void put(SystemProperty property, @Nullable Object value) throws UnacceptableException {
            if (value != null) {
                system.put(property, text(value).orElse(""));
            }
        }

        private void addAnnotations(MessageAnnotations annotations) throws UnacceptableException {
            if (annotations.getValue() == null) {
                return;
            }
            for (var annotation : annotations.getValue().entrySet()) {
                var property = ANNOTATIONS.get(annotation.getKey().toString().toLowerCase(Locale.ROOT));
                if (property != null) {
                    put(property, annotation.getValue());
                }
            }
        }

        private void addApplication(ApplicationProperties properties) throws UnacceptableException {
            if (properties.getValue() == null) {
                return;
            }
            for (var entry : ((Map<?, ?>) properties.getValue()).entrySet()) {
                if (!(entry.getKey() instanceof String name)) {
                    throw malformed("names of application properties are strings");
                }
                addApplication(name, text(entry.getValue()));
            }
        }

        private void addApplication(String name, Optional<String> text) {
            var lower = name.toLowerCase(Locale.ROOT);
            var property = SystemProperty.ofWireName(lower).filter(_ -> lower.startsWith("iothub-"));
            if (property.isEmpty()) {
                if (!name.isEmpty()) {
                    application.putIfAbsent(lower, new MessageProperties.Application(name, text));
                }
            } else if (property.get().isSetByDevice()) {
                text.ifPresent(value -> system.put(property.get(), value));
            }
            // What only the hub may say is dropped: nobody forges another identity, though the Java SDK sends its own.
        }

        MessageProperties properties() {
            return new MessageProperties(system, List.copyOf(application.values()));
        }

        byte[] body() {
            if (data.size() == 1) {
                return data.getFirst();
            }
            if (data.isEmpty()) {
                return value.orElseGet(() -> new byte[0]);
            }
            var all = new ByteArrayOutputStream();
            data.forEach(all::writeBytes);
            return all.toByteArray();
        }

        private static byte[] bytesOf(@Nullable Object body) throws UnacceptableException {
            return switch (body) {
                case null -> new byte[0];
                case Binary binary -> bytes(binary);
                case String text -> text.getBytes(StandardCharsets.UTF_8);
                default -> throw noBytes("a value of type " + body.getClass().getSimpleName());
            };
        }

        private static UnacceptableException noBytes(String what) {
            return new UnacceptableException(
                    AmqpErrors.NOT_ALLOWED,
                    "the body is " + what + "; expected are data, or a value that is binary or a string");
        }

        /** Every simple type of AMQP as text; empty for null. */
        private static Optional<String> text(@Nullable Object value) throws UnacceptableException {
            return switch (value) {
                case null -> Optional.empty();
                case String text -> Optional.of(text);
                case Date date -> Optional.of(date.toInstant().toString());
                case Binary binary -> Optional.of(Base64.getEncoder().encodeToString(bytes(binary)));
                case Symbol _, UUID _, Boolean _, Character _, Number _ -> Optional.of(value.toString());
                case Object[] _, List<?> _, Map<?, ?> _ ->
                    throw malformed("a property is a list or a map; expected is a simple type");
                default -> Optional.of(value.toString());
            };
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceMessage message
                && properties.equals(message.properties)
                && Arrays.equals(body, message.body);
    }

    @Override
    public int hashCode() {
        return 31 * properties.hashCode() + Arrays.hashCode(body);
    }
}
