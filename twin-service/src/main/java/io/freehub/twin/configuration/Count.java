package io.freehub.twin.configuration;

/**
 * What a query of a configuration counted last.
 *
 * @param isSystem whether the hub counts this of every configuration by itself
 */
record Count(String configuration, boolean isSystem, String metric, long result) {

    Count with(long counted) {
        return new Count(configuration, isSystem, metric, counted);
    }

    boolean isSameMetric(Count other) {
        return with(other.result).equals(other);
    }
}
