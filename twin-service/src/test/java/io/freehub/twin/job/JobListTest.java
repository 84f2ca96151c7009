package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubException;
import io.freehub.twin.job.ScheduledJob.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobListTest {

    @Test
    void allWithoutAFilter() {
        for (var none : new String[] {null, ""}) {
            var list = parse(none, none, null, null);

            assertThat(list).isEqualTo(new JobList(Optional.empty(), Optional.empty(), false, Long.MAX_VALUE, 100));
        }
    }

    @Test
    void namesAreReadInAnyCase() {
        var list = parse("ScheduleUpdateTwin", "COMPLETED", null, null);

        assertThat(list.type()).contains(JobWork.Type.UPDATE_TWIN);
        assertThat(list.status()).contains(Status.COMPLETED);
        assertThat(list.isEmpty()).isFalse();
        assertThat(parse(null, "canceled", null, null).status()).contains(Status.CANCELLED);
    }

    @Test
    void nothingOfWhatThisHubHasNot() {
        assertThat(parse("Export", null, null, null).isEmpty()).isTrue();
        assertThat(parse(null, "Enqueued", null, null).isEmpty()).isTrue();
        assertThat(parse("unknown", "running", null, null).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1000, 1000", "1001, 1000", "0, 100", "-5, 100", "many, 100", "99999999999, 100"})
    void pageIsOfUpToAThousand(String asked, int size) {
        assertThat(parse(null, null, asked, null).pageSize()).isEqualTo(size);
    }

    @Test
    void otherNamesAreRefused() {
        assertThatThrownBy(() -> parse("a", null, null, null))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("jobType");
        assertThatThrownBy(() -> parse(null, "a", null, null))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("jobStatus");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "!", "am9iczo", "am9iczph", "MTI"})
    void tokenThatIsNoneIsRefused(String token) {
        assertThatThrownBy(() -> parse(null, null, null, token))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("x-ms-continuation");
    }

    private static JobList parse(
            @Nullable String type, @Nullable String status, @Nullable String pageSize, @Nullable String continuation) {
        return JobList.parse(
                Optional.ofNullable(type),
                Optional.ofNullable(status),
                Optional.ofNullable(pageSize),
                Optional.ofNullable(continuation));
    }
}
