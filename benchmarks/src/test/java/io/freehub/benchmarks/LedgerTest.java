package io.freehub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.benchmarks.EventsCheck.Ledger;
import io.freehub.benchmarks.EventsCheck.Result;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private final Ledger ledger = new Ledger(2);

    @Test
    void allThereOnceAndInOrderIsGood() {
        add(0, 0, 1, 2);
        add(1, 0, 1);

        var result = ledger.compare(new int[] {3, 2});

        assertThat(result).isEqualTo(new Result(5, 0, 0, 0));
        assertThat(result.isGood()).isTrue();
    }

    @Test
    void acknowledgedMessageThatIsNotThereIsMissing() {
        add(0, 0, 2);

        assertThat(ledger.compare(new int[] {3, 1})).isEqualTo(new Result(4, 2, 0, 0));
    }

    @Test
    void messageThatWasNotAcknowledgedMayBeThereOrNot() {
        add(0, 0, 1);

        assertThat(ledger.compare(new int[] {1, 0})).isEqualTo(new Result(1, 0, 0, 0));
    }

    @Test
    void secondCopyIsDoubledAndNotOutOfOrder() {
        add(0, 0, 1, 0, 1);

        assertThat(ledger.compare(new int[] {2, 0})).isEqualTo(new Result(2, 0, 2, 0));
    }

    @Test
    void firstCopyBehindALaterMessageIsOutOfOrder() {
        add(0, 1, 0);

        var result = ledger.compare(new int[] {2, 0});

        assertThat(result).isEqualTo(new Result(2, 0, 0, 1));
        assertThat(result.isGood()).isFalse();
    }

    private void add(int device, int... sequences) {
        for (int sequence : sequences) {
            ledger.add(device, sequence);
        }
    }
}
