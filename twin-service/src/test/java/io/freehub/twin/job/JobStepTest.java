package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.TwinWrite;
import io.freehub.twin.job.ScheduledJob.Progress;
import io.freehub.twin.job.ScheduledJob.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobStepTest {

    private static final Instant START = Instant.parse("2026-08-20T10:00:00Z");

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"QUEUED", "SCHEDULED"})
    void waitsForItsTimeAndBeginsThen(Status status) {
        var job = job(status, Progress.NONE);

        assertThat(JobStep.of(job, START.minusMillis(1))).isEqualTo(new JobStep.Wait(START));
        assertThat(JobStep.of(job, START)).isEqualTo(new JobStep.Begin());
    }

    @Test
    void gathersDevicesFromWhereItWas() {
        assertThat(JobStep.of(job(Status.RUNNING, Progress.NONE), START)).isEqualTo(new JobStep.Gather(""));
        assertThat(JobStep.of(job(Status.RUNNING, new Progress("d7", false, "", 7, 0, 0)), START))
                .isEqualTo(new JobStep.Gather("d7"));
    }

    @Test
    void worksOnceAllAreGathered() {
        assertThat(JobStep.of(job(Status.RUNNING, new Progress("d7", true, "d3", 7, 2, 1)), START))
                .isEqualTo(new JobStep.Work("d3"));
    }

    @Test
    void failsAtTheLimitOfItsTimeWhateverIsLeft() {
        var job = job(Status.RUNNING, new Progress("d7", true, "d3", 7, 2, 1));

        assertThat(JobStep.of(job, START.plusSeconds(59))).isInstanceOf(JobStep.Work.class);
        assertThat(JobStep.of(job, START.plusSeconds(60)))
                .isInstanceOfSatisfying(
                        JobStep.Fail.class, fail -> assertThat(fail.error()).isEqualTo(HubError.TIMED_OUT));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"COMPLETED", "FAILED", "CANCELLED"})
    void hasNoStepAfterItsEnd(Status status) {
        assertThatThrownBy(() -> JobStep.of(job(status, Progress.NONE), START))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ScheduledJob job(Status status, Progress progress) {
        return new ScheduledJob(
                1,
                "j",
                new JobWork.UpdateTwin(TwinWrite.patch(Json.Fields.NONE)),
                "*",
                status,
                START.minusSeconds(9),
                START,
                Duration.ofMinutes(1),
                status == Status.RUNNING ? Optional.of(START) : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                progress);
    }
}
