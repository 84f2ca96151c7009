package io.freehub.gateway.telemetry;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Carries receipts from the producer's thread to one event loop, many at a time: the loop is woken once for all that
 * came since, and each connection writes once. Holds no more than what is under way to Kafka, which is bounded.
 */
final class ReceiptQueue implements Runnable {

    private final EventExecutor loop;
    private List<Delivery> arriving = new ArrayList<>();
    private List<Delivery> spare = new ArrayList<>();
    private boolean woken;
    private final Set<Receipts> touched = new LinkedHashSet<>();

    ReceiptQueue(EventExecutor loop) {
        this.loop = loop;
    }

    void add(Delivery delivery) {
        boolean wake;
        synchronized (this) {
            arriving.add(delivery);
            wake = !woken;
            woken = true;
        }
        if (wake) {
            loop.execute(this);
        }
    }

    @Override
    public void run() {
        List<Delivery> batch;
        synchronized (this) {
            batch = arriving;
            arriving = spare;
            woken = false;
        }
        for (var delivery : batch) {
            delivery.tell();
            touched.add(delivery.receipts());
        }
        touched.forEach(Receipts::endOfBatch);
        touched.clear();
        batch.clear();
        spare = batch;
    }
}
