package io.freehub.twin.configuration;

import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A configuration in its table. */
@Entity
@Table(name = "configuration")
class ConfigurationRow {

    @Id
    String id = "";

    long version;
    long rollout;

    @Column(name = "schema_version")
    @Nullable
    String schemaVersion;

    @Nullable
    String labels;

    String content = "";

    @Column(name = "target_condition")
    String targetCondition = "";

    int priority;
    String metrics = "";

    @Column(name = "created_at")
    Instant createdAt = Instant.EPOCH;

    @Column(name = "updated_at")
    Instant updatedAt = Instant.EPOCH;

    static ConfigurationRow of(Configuration configuration) {
        var row = new ConfigurationRow();
        row.id = configuration.id();
        row.take(configuration);
        return row;
    }

    /** Becomes what the configuration is. */
    final void take(Configuration stored) {
        version = stored.version();
        rollout = stored.rollout();
        schemaVersion = stored.schemaVersion().orElse(null);
        labels = stored.labels().map(JsonText::write).orElse(null);
        content = JsonText.write(stored.content().json());
        targetCondition = stored.target().text();
        priority = stored.priority();
        metrics = JsonText.write(texts(stored.metrics()));
        createdAt = stored.createdAt();
        updatedAt = stored.updatedAt();
    }

    Configuration stored() {
        return new Configuration(
                id,
                version,
                rollout,
                Optional.ofNullable(schemaVersion),
                Optional.ofNullable(labels).map(JsonText::readObject),
                Content.stored(JsonText.readObject(content)),
                TargetCondition.stored(targetCondition),
                priority,
                texts(JsonText.readObject(metrics)),
                createdAt,
                updatedAt);
    }

    private static Json.Fields texts(Map<String, String> texts) {
        var members = new LinkedHashMap<String, Json>();
        texts.forEach((name, text) -> members.put(name, new Json.Text(text)));
        return new Json.Fields(members);
    }

    private static Map<String, String> texts(Json.Fields members) {
        var texts = new LinkedHashMap<String, String>();
        members.members().forEach((name, text) -> texts.put(name, ((Json.Text) text).value()));
        return texts;
    }
}
