package io.freehub.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private static final InetAddress HOME = address("192.0.2.1");
    private static final InetAddress ELSEWHERE = address("198.51.100.7");

    private final Refusals refusals = new Refusals(true, Duration.ofSeconds(1));

    @Test
    void answerIsHeldLongerWithEachFailureOfAnIdentity() {
        assertThat(IntStream.range(0, 8).mapToObj(_ -> fail(HOME, "boiler").toMillis()))
                .containsExactly(0L, 0L, 0L, 250L, 500L, 1000L, 1000L, 1000L);
        // From wherever it comes; others are answered at once.
        assertThat(fail(ELSEWHERE, "boiler")).isEqualTo(Duration.ofSeconds(1));
        assertThat(fail(HOME, "pump")).isZero();
    }

    @Test
    void identityThatProvesItselfStartsAnew() {
        for (int i = 0; i < 5; i++) {
            fail(HOME, "boiler");
        }
        refusals.succeeded(HOME, "boiler");

        assertThat(fail(HOME, "boiler")).isZero();
    }

    @Test
    void manyIdentitiesFromOneAddressAreSlowedDownToo() {
        for (int i = 0; i < 30; i++) {
            assertThat(fail(HOME, "guess-" + i)).isZero();
        }

        assertThat(fail(HOME, "guess-30")).isEqualTo(Duration.ofMillis(250));
        assertThat(fail(ELSEWHERE, "guess-31")).isZero();
    }

    @Test
    void addressesOfOneIpv6NetworkAreOne() {
        for (int i = 0; i < 31; i++) {
            fail(address("2001:db8::" + Integer.toHexString(i + 1)), "guess-" + i);
        }

        assertThat(fail(address("2001:db8::ffff"), "another")).isPositive();
        assertThat(fail(address("2001:db8:0:1::1"), "another-one")).isZero();
    }

    @Test
    void addressesThatSayNothingCanBePassedOver() {
        var blind = new Refusals(false, Duration.ofSeconds(1));
        for (int i = 0; i < 100; i++) {
            assertThat(blind.failed(HOME, "guess-" + i).time()).isZero();
        }
        assertThat(blind.isJammed(HOME, "other")).isFalse();
    }

    @Test
    void attemptsAreNotLookedIntoWhileManyAnswersAreHeld() {
        var held = new ArrayList<Refusals.Held>();
        for (int i = 0; i < 8; i++) {
            assertThat(refusals.isJammed(HOME, "boiler")).isFalse();
            held.add(refusals.failed(HOME, "boiler"));
        }

        assertThat(refusals.isJammed(HOME, "boiler")).isTrue();
        assertThat(refusals.isJammed(ELSEWHERE, "boiler")).isTrue();
        assertThat(refusals.isJammed(HOME, "pump")).isFalse();
        held.getFirst().release();
        assertThat(refusals.isJammed(HOME, "boiler")).isFalse();
    }

    @Test
    void nobodyShutsOutWhoCameInFromThereBefore() {
        refusals.succeeded(HOME, "boiler");
        for (int i = 0; i < 300; i++) {
            refusals.failed(HOME, i < 8 ? "boiler" : "guess-" + i);
        }

        assertThat(refusals.isJammed(HOME, "boiler")).isFalse();
        assertThat(refusals.isJammed(HOME, "pump")).isTrue();
        assertThat(refusals.isJammed(ELSEWHERE, "boiler")).isTrue();
    }

    @Test
    void addressJamsWithManyIdentities() {
        List<Refusals.Held> held = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            held.add(refusals.failed(HOME, "guess-" + i));
        }

        assertThat(refusals.isJammed(HOME, "boiler")).isTrue();
        assertThat(refusals.isJammed(ELSEWHERE, "boiler")).isFalse();
        held.forEach(Refusals.Held::release);
        assertThat(refusals.isJammed(HOME, "boiler")).isFalse();
    }

    private Duration fail(InetAddress from, String client) {
        var held = refusals.failed(from, client);
        held.release();
        return held.time();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
