package io.freehub.registry.consumergroup;

import io.freehub.model.ConsumerGroup;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A consumer group in the database. */
@Entity
@Table(name = "consumer_group")
class ConsumerGroupRow {

    @Id
    String key = "";

    String name = "";

    @Column(name = "created_at")
    Instant createdAt = Instant.EPOCH;

    static ConsumerGroupRow of(ConsumerGroup group) {
        var row = new ConsumerGroupRow();
        row.key = ConsumerGroup.key(group.name());
        row.name = group.name();
        row.createdAt = group.createdAt();
        return row;
    }

    ConsumerGroup group() {
        return new ConsumerGroup(name, createdAt);
    }
}
