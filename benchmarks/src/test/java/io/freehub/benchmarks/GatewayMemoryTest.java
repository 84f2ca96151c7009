package io.freehub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GatewayMemoryTest {

    private static final List<String> SMAPS = List.of(
            "d0000000-d1000000 rw-p 00000000 00:00 0 ",
            "Size:              16384 kB",
            "Rss:                3000 kB",
            "f0000000-f1000000 rw-p 00000000 00:00 0 ",
            "Rss:                2000 kB",
            "7f0000000000-7f0000100000 r-xp 00000000 fe:00 42    /usr/lib/libc.so.6",
            "Rss:                 500 kB");

    @Test
    void givenParallelCollector_whenRead_thenHeapIsBothGenerationsAndTheRestLiesOutside() {
        var info = """
                1234:
                 PSYoungGen      total 38400K, used 100K [0x00000000f0000000, 0x00000000f1000000, 0x00000000ff000000)
                  eden space 33280K, 6% used [0x00000000f0000000,0x00000000f01f3118,0x00000000f0080000)
                 ParOldGen       total 87552K, used 900K [0x00000000d0000000, 0x00000000d1000000, 0x00000000f0000000)
                  object space 87552K, 0% used [0x00000000d0000000,0x00000000d0000000,0x00000000d0080000)
                 Metaspace       used 1000K, committed 1200K, reserved 1114112K
                """;

        assertThat(GatewayMemory.of(info, SMAPS)).isEqualTo(new GatewayMemory(1000 << 10, 500 << 10, 5500 << 10));
    }

    @Test
    void givenG1_whenRead_thenItsOneLineCounts() {
        var info = """
                 garbage-first heap   total reserved 524288K, committed 32768K, used 700K [0x00000000d0000000, 0x0000000100000000)
                  region size 1024K, 1 young (1024K), 0 survivors (0K)
                """;

        assertThat(GatewayMemory.of(info, SMAPS)).isEqualTo(new GatewayMemory(700 << 10, 500 << 10, 5500 << 10));
    }

    @Test
    void givenTwoStates_whenDivided_thenEachConnectionHasItsShare() {
        var before = new GatewayMemory(1000, 2000, 10_000);
        var after = new GatewayMemory(3000, 2500, 20_000);

        assertThat(after.each(before, 10)).isEqualTo(new GatewayMemory(200, 50, 1000));
    }
}
