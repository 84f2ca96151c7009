package io.freehub.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** What a run of the benchmark found; also the form of its JSON. CPU is microseconds by process. */
record Results(
        Machine machine,
        List<Load> loads,
        Optional<Connects> connects,
        Optional<Storm> storm,
        Optional<Scale> scale,
        Optional<RawKafka> rawKafka) {

    record Machine(String processor, int cores, long memoryMiB, String system, String java) {}

    /** Milliseconds. */
    record Latency(double p50, double p90, double p99, double p999, double max) {

        /** @param micros a histogram of microseconds */
        static Latency of(Histogram micros) {
            return new Latency(
                    micros.getValueAtPercentile(50) / 1000.0,
                    micros.getValueAtPercentile(90) / 1000.0,
                    micros.getValueAtPercentile(99) / 1000.0,
                    micros.getValueAtPercentile(99.9) / 1000.0,
                    micros.getMaxValue() / 1000.0);
        }
    }

    /**
     * @param routed events written in the measured period for each message acknowledged in it: below 1, the router fell
     *     behind and its cost is understated
     */
    record Load(
            String title,
            double perSecond,
            long acknowledged,
            Latency latency,
            Map<String, Double> cpuPerMessage,
            double routed,
            int lostConnections,
            EventsCheck.Result events) {}

    /** @param memory of the gateway for each connection that does nothing */
    record Connects(String title, double perSecond, Map<String, Double> cpuPerConnect, GatewayMemory memory) {}

    /** @param seconds until every device had its connection or had failed */
    record Storm(int devices, double seconds, int refused, int lost, List<String> reasons, Load load) {}

    /** The same rate from few and from many devices; the few are measured before and after the many. */
    record Scale(Load fewBefore, Load many, Load fewAfter) {

        /** Cost of a message of many devices, as a multiple of that of a few. */
        double ratio(String process) {
            var few = (fewBefore.cpuPerMessage().get(process)
                            + fewAfter.cpuPerMessage().get(process))
                    / 2;
            return many.cpuPerMessage().get(process) / few;
        }
    }

    /**
     * @param perSecond as fast as it goes
     * @param rate messages a second, at which it was asked for an answer as the open loop asks a hub
     */
    record RawKafka(double perSecond, Map<String, Double> cpuPerMessage, double rate, Latency latencyAtRate) {}

    /** Everything that was acknowledged in the whole run. */
    EventsCheck.Result events() {
        var all = loads.stream().map(Load::events).reduce(EventsCheck.Result.NOTHING, EventsCheck.Result::plus);
        if (storm.isPresent()) {
            all = all.plus(storm.get().load().events());
        }
        if (scale.isPresent()) {
            all = all.plus(scale.get().fewBefore().events())
                    .plus(scale.get().many().events())
                    .plus(scale.get().fewAfter().events());
        }
        return all;
    }
}
