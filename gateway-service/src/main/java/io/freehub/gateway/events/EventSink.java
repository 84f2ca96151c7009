package io.freehub.gateway.events;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Who reads events; called on the reader's own thread, one call at a time. */
public interface EventSink {

    /**
     * Events in order, no more than were asked for. May wait until the client has taken what came before, or is
     * gone: nothing more is read meanwhile.
     */
    void accept(List<ConsumerRecord<String, byte[]>> events) throws InterruptedException;

    /** Reading has failed and is over. */
    void failed(Exception reason);
}
