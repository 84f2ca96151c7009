package io.freehub.service.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.freehub.model.AccessPolicy;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * JSON of the records that services exchange over Kafka. A record of a sealed interface says in {@code type} which of
 * the permitted ones it is; unknown fields are passed over, so that a newer service can talk to an older one.
 */
public final class HubJson {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new SealedTypes())
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .addModule(values())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .serializationInclusion(JsonInclude.Include.NON_ABSENT)
            .build();

    private HubJson() {}

    /** The record as UTF-8 JSON. */
    public static byte[] write(Object record) {
        try {
            return MAPPER.writerFor(declaredType(record)).writeValueAsBytes(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The record in the bytes.
     *
     * @throws IllegalArgumentException when they are not JSON of this type
     */
    public static <V> V read(byte[] json, Class<V> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (IOException e) {
            // Jackson quotes the source in its message, and a source may hold keys.
            throw new IllegalArgumentException("no JSON of " + type.getSimpleName());
        }
    }

    /** The sealed interface that says how the record is written, or its class. */
    private static Class<?> declaredType(Object record) {
        return Arrays.stream(record.getClass().getInterfaces())
                .filter(Class::isSealed)
                .findFirst()
                .orElse(record.getClass());
    }

    private static SimpleModule values() {
        var module = new SimpleModule();
        text(module, DeviceId.class, DeviceId::value, DeviceId::new);
        text(module, ModuleId.class, ModuleId::value, ModuleId::new);
        text(module, IdentityId.class, IdentityId::toString, IdentityId::parse);
        text(module, SymmetricKey.class, SymmetricKey::base64, SymmetricKey::new);
        module.addSerializer(AccessPolicy.class, new PolicyWriter());
        module.addDeserializer(AccessPolicy.class, new PolicyReader());
        return module;
    }

    private static <V> void text(
            SimpleModule module, Class<V> type, Function<V, String> write, Function<String, V> read) {
        module.addSerializer(type, new StdSerializer<>(type) {
            @Override
            public void serialize(V value, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeString(write.apply(value));
            }
        });
        module.addDeserializer(type, new StdDeserializer<>(type) {
            @Override
            public V deserialize(JsonParser in, DeserializationContext context) throws IOException {
                return read.apply(in.getValueAsString());
            }
        });
    }

    /** A policy in the field names that IoT Hub's own descriptions of policies have. */
    private record PolicyDocument(
            String name, SymmetricKey primaryKey, SymmetricKey secondaryKey, List<String> permissions) {}

    private static final class PolicyWriter extends StdSerializer<AccessPolicy> {
        private PolicyWriter() {
            super(AccessPolicy.class);
        }

        @Override
        public void serialize(AccessPolicy policy, JsonGenerator out, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(
                    new PolicyDocument(
                            policy.name(),
                            policy.keys().primary(),
                            policy.keys().secondary(),
                            policy.permissions().stream()
                                    .sorted()
                                    .map(Permission::wireName)
                                    .toList()),
                    out);
        }
    }

    private static final class PolicyReader extends StdDeserializer<AccessPolicy> {
        private PolicyReader() {
            super(AccessPolicy.class);
        }

        @Override
        public AccessPolicy deserialize(JsonParser in, DeserializationContext context) throws IOException {
            var document = context.readValue(in, PolicyDocument.class);
            return new AccessPolicy(
                    document.name(),
                    new SymmetricKeys(document.primaryKey(), document.secondaryKey()),
                    Arrays.stream(Permission.values())
                            .filter(permission -> document.permissions().contains(permission.wireName()))
                            .collect(Collectors.toSet()));
        }
    }

    /** Takes the name of a record from the sealed interface it belongs to, so that the model needs no annotations. */
    private static final class SealedTypes extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1;

        @Override
        public JsonTypeInfo.Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
            return isSealed(annotated)
                    ? JsonTypeInfo.Value.construct(
                            JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, "type", null, false, null)
                    : super.findPolymorphicTypeInfo(config, annotated);
        }

        @Override
        public List<NamedType> findSubtypes(Annotated annotated) {
            return isSealed(annotated)
                    ? Arrays.stream(annotated.getRawType().getPermittedSubclasses())
                            .map(type -> new NamedType(type, type.getSimpleName()))
                            .toList()
                    : super.findSubtypes(annotated);
        }

        private static boolean isSealed(Annotated annotated) {
            return annotated instanceof AnnotatedClass
                    && annotated.getRawType().isInterface()
                    && annotated.getRawType().isSealed();
        }
    }
}
