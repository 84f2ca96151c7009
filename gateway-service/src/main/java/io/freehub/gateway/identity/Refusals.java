package io.freehub.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.freehub.gateway.GatewayConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * Slows down who fails to prove himself again and again, be it with one identity or from one address. Only the answer to
 * a failed attempt is held back, longer with each: who has the right credentials comes in at once, whatever others try
 * with the same identity or from the same address. Attempts that come while very many answers are held back are not
 * looked into, but for those of an identity that has lately come in from that very address: nobody can shut it out.
 */
@ApplicationScoped
public class Refusals {

    /** Beyond these many identities and addresses, those that failed least recently are forgotten. */
    private static final int MAX_REMEMBERED = 100_000;

    private static final Duration MEMORY = Duration.ofMinutes(10);
    private static final Duration PROVED_MEMORY = Duration.ofDays(1);
    private static final Duration FIRST = Duration.ofMillis(250);

    /** A device with a wrong key is noticed soon; behind one address there may be many devices. */
    private static final Limits OF_IDENTITY = new Limits(3, 8);

    private static final Limits OF_ADDRESS = new Limits(30, 256);

    private final Cache<Key, Failures> failures = Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterAccess(MEMORY)
            .build();

    private final Cache<Proved, Proved> proved = Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterWrite(PROVED_MEMORY)
            .build();

    private final boolean byAddress;
    private final Duration longest;

    /**
     * @param free failures that are answered at once
     * @param held answers that are held back at the same time; further attempts are not looked into
     */
    private record Limits(int free, int held) {}

    private record Proved(String network, String client) {}

    private record Key(String text, Limits limits) {}

    private static final class Failures {
        private int count;
        private int held;
    }

    /** The answer to a failed attempt. */
    public interface Held {

        /** How long it is to be held back. */
        Duration time();

        /** It was given, or the client is gone. To be called once. */
        void release();
    }

    @Inject
    Refusals(GatewayConfig config) {
        this(config.refusals().byAddress(), config.refusals().longest());
    }

    Refusals(boolean byAddress, Duration longest) {
        this.byAddress = byAddress;
        this.longest = longest;
    }

    /** Whether an attempt is not to be looked into, as so many answers to earlier ones are held back. */
    public boolean isJammed(InetAddress address, String client) {
        return proved.getIfPresent(new Proved(network(address), client)) == null
                && keys(address, client).anyMatch(key -> {
                    var known = failures.getIfPresent(key);
                    if (known == null) {
                        return false;
                    }
                    synchronized (known) {
                        return known.held >= key.limits().held();
                    }
                });
    }

    /** Notes a failed attempt. */
    public Held failed(InetAddress address, String client) {
        var counted = keys(address, client).map(this::count).toList();
        var time = counted.stream().map(Counted::time).max(Duration::compareTo).orElse(Duration.ZERO);
        return new Held() {
            @Override
            public Duration time() {
                return time;
            }

            @Override
            public void release() {
                counted.forEach(Counted::release);
            }
        };
    }

    /** The client proved itself: its earlier failures count no more. */
    public void succeeded(InetAddress address, String client) {
        failures.invalidate(new Key(client, OF_IDENTITY));
        var now = new Proved(network(address), client);
        proved.put(now, now);
    }

    private Stream<Key> keys(InetAddress address, String client) {
        var identity = new Key(client, OF_IDENTITY);
        return byAddress ? Stream.of(identity, new Key(network(address), OF_ADDRESS)) : Stream.of(identity);
    }

    /** An IPv6 host has a whole network of 2^64 addresses. */
    private static String network(InetAddress address) {
        return address instanceof Inet6Address
                ? HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), 8))
                : address.getHostAddress();
    }

    private record Counted(Failures failures, Duration time) {
        private void release() {
            synchronized (failures) {
                failures.held--;
            }
        }
    }

    private Counted count(Key key) {
        var known = failures.get(key, _ -> new Failures());
        synchronized (known) {
            known.count++;
            known.held++;
            return new Counted(known, timeAfter(known.count - key.limits().free()));
        }
    }

    private Duration timeAfter(int tooMany) {
        if (tooMany <= 0) {
            return Duration.ZERO;
        }
        var time = FIRST.multipliedBy(1L << Math.min(tooMany - 1, 16));
        return time.compareTo(longest) < 0 ? time : longest;
    }
}
