package io.freehub.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What gateways say of the receivers of the built-in endpoint. Which of them may read hangs on the order in which their
 * claims stand in the topic, so that all gateways say the same. A key without a value ends the claim of that key.
 */
public sealed interface EventClaim {

    GatewayInstance gateway();

    Instant at();

    /** Key in the topic. */
    String key();

    /**
     * A receiver wants to read a partition.
     *
     * @param id unique in the hub
     * @param name for people, as the client calls it
     * @param epoch of a receiver that reads alone; empty for one that suffers others
     */
    record Made(
            String id,
            String group,
            int partition,
            String name,
            Optional<Long> epoch,
            GatewayInstance gateway,
            Instant at)
            implements EventClaim {

        @Override
        public String key() {
            return ConsumerGroup.key(group) + "/" + partition + "/" + id;
        }

        /** Whether both are for the same partition, under the same consumer group. */
        public boolean isBeside(Made other) {
            return partition == other.partition && ConsumerGroup.key(group).equals(ConsumerGroup.key(other.group));
        }
    }

    /** The gateway lives; claims of its earlier incarnations are over. Sent at its start and every few seconds. */
    record Alive(GatewayInstance gateway, Instant at) implements EventClaim {

        @Override
        public String key() {
            return "gateway/" + gateway.ordinal();
        }
    }
}
