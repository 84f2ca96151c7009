package io.freehub.gateway.mqtt;

import io.freehub.model.IdentityId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one device or module. Ids stand in them as they are, and may hold {@code +} and {@code #}: topics are compared with
 * the identity, never matched as wildcards.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol".
 */
final class IdentityTopics {

    private final ByteBuf events;
    private final String messages;
    private final boolean module;
    private final Set<String> filters;

    IdentityTopics(IdentityId identity) {
        var own = String.join("/", identity.path());
        this.events = Unpooled.copiedBuffer(own + "/messages/events", StandardCharsets.UTF_8);
        this.messages = own + "/messages/devicebound/#";
        this.module = identity.isModule();
        // Messages to modules exist behind an Edge Hub only, but modules ask for them and fail when refused.
        this.filters = module ? Set.of(messages, own + "/inputs/#", own + "/#") : Set.of(messages);
    }

    /**
     * The property bag of a topic for messages of the identity, a part of the topic's buffer; null when the topic is
     * another.
     */
    @Nullable
    ByteBuf bag(ByteBuf topic) {
        int prefix = events.readableBytes();
        int length = topic.readableBytes();
        int start = topic.readerIndex();
        if (length < prefix
                || !ByteBufUtil.equals(topic, start, events, 0, prefix)
                || length > prefix && topic.getByte(start + prefix) != '/') {
            return null;
        }
        return length <= prefix + 1 ? Unpooled.EMPTY_BUFFER : topic.slice(start + prefix + 1, length - prefix - 1);
    }

    /** Whether the identity may subscribe to the filter. */
    boolean grants(String filter) {
        return filters.contains(filter)
                || filter.equals(TwinTopic.ANSWERS)
                || filter.equals(TwinTopic.DESIRED)
                || filter.equals(MethodTopic.CALLS);
    }

    /** Whether the filter is for messages of back ends, which only devices get. */
    boolean isMessages(String filter) {
        return !module && filter.equals(messages);
    }
}
