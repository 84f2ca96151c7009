package io.freehub.gateway.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventPositionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "amqp.annotation.x-opt-offset > '-1'       | 0",
                "amqp.annotation.x-opt-offset > -1         | 0",
                "amqp.annotation.x-opt-offset >= '-1'      | 0",
                "amqp.annotation.x-opt-offset > '41'       | 42",
                "amqp.annotation.x-opt-offset >= 41        | 41",
                "amqp.annotation.x-opt-sequence-number > '7' | 8",
                "amqp.annotation.x-opt-sequence-number>=7  | 7",
            })
    void offsetsAndSequenceNumbersAreTheSame(String filter, long first) {
        assertThat(EventPosition.parse(filter)).isEqualTo(new EventPosition.Offset(first));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "amqp.annotation.x-opt-enqueued-time > '1620647502314'  | 1620647502315",
                "amqp.annotation.x-opt-enqueued-time >= '1620647502314' | 1620647502314",
                "amqp.annotation.x-opt-enqueuedtimeutc > 1620647502314  | 1620647502315",
            })
    void timesAreMilliseconds(String filter, long first) {
        assertThat(EventPosition.parse(filter)).isEqualTo(new EventPosition.EnqueuedTime(Instant.ofEpochMilli(first)));
    }

    @Test
    void latestIsQuotedOrNot() {
        assertThat(EventPosition.parse("amqp.annotation.x-opt-offset > '@latest'"))
                .isEqualTo(new EventPosition.Latest());
        assertThat(EventPosition.parse("amqp.annotation.x-opt-offset > @latest"))
                .isEqualTo(new EventPosition.Latest());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "amqp.annotation.x-opt-offset < '1'",
                "amqp.annotation.x-opt-offset = '1'",
                "amqp.annotation.x-opt-offset > 'one'",
                "amqp.annotation.x-opt-offset > ''",
                "amqp.annotation.x-opt-offset > '9223372036854775807'",
                "amqp.annotation.x-opt-partition-key > '1'",
                "amqp.annotation.x-opt-enqueued-time > '@latest'",
            })
    void anythingElseIsRefusedWithWhatWasExpected(String filter) {
        assertThatThrownBy(() -> EventPosition.parse(filter))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("x-opt-enqueued-time");
    }
}
