package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.azure.sdk.iot.service.exceptions.IotHubBadFormatException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubConflictException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.jobs.ScheduledJob;
import com.microsoft.azure.sdk.iot.service.jobs.ScheduledJobStatus;
import com.microsoft.azure.sdk.iot.service.jobs.ScheduledJobType;
import com.microsoft.azure.sdk.iot.service.jobs.ScheduledJobsClient;
import com.microsoft.azure.sdk.iot.service.query.QueryPageOptions;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import org.junit.jupiter.api.Test;

/** Scheduled jobs with Azure's SDK for Java as Maven has it. */
class JavaScheduledJobsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RegistryClient registry = new RegistryClient(TheHub.connectionString());
    private final TwinClient twins = new TwinClient(TheHub.connectionString());
    private final ScheduledJobsClient jobs = new ScheduledJobsClient(TheHub.connectionString());

    @Test
    void backEndUpdatesTwinsByAJob() throws Exception {
        for (var id : new String[] {"java-fleet-1", "java-fleet-2"}) {
            registry.addDevice(new Device(id));
            var tagged = new Twin(id);
            tagged.getTags().put("fleet", "java");
            twins.patch(tagged);
        }

        var created = jobs.scheduleUpdateTwin("JavaFleet-job", "tags.fleet = 'java'", patch(), new Date(), 60);

        assertThat(created.getJobId()).isEqualTo("JavaFleet-job");
        assertThat(created.getJobStatus()).isEqualTo(ScheduledJobStatus.queued);
        var job = ended("JavaFleet-job");
        assertThat(job.getJobStatus()).isEqualTo(ScheduledJobStatus.completed);
        assertThat(job.getJobType()).isEqualTo(ScheduledJobType.scheduleUpdateTwin);
        assertThat(job.getQueryCondition()).isEqualTo("tags.fleet = 'java'");
        assertThat(job.getMaxExecutionTimeInSeconds()).isEqualTo(60);
        assertThat(job.getEndTime()).isAfterOrEqualTo(job.getStartTime());
        assertThat(job.getCreatedTime())
                .isCloseTo(new Date(), Duration.ofMinutes(2).toMillis());
        assertThat(job.getUpdateTwin().getDesiredProperties().get("interval")).isEqualTo(60.0);
        assertThat(job.getJobStatistics().getDeviceCount()).isEqualTo(2);
        assertThat(job.getJobStatistics().getSucceededCount()).isEqualTo(2);
        assertThat(job.getJobStatistics().getPendingCount()).isZero();
        for (var id : new String[] {"java-fleet-1", "java-fleet-2"}) {
            var twin = twins.get(id);
            assertThat(twin.getTags()).containsEntry("done", "yes").containsEntry("fleet", "java");
            assertThat(((Number) twin.getDesiredProperties().get("interval")).intValue())
                    .isEqualTo(60);
            assertThat(twin.getVersion()).isEqualTo(4);
        }
        var records = new ArrayList<ScheduledJob>();
        var query = "SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'JavaFleet-job'";
        var page = jobs.query(query, QueryPageOptions.builder().pageSize(1).build());
        while (page.hasNext()) {
            records.add(page.next());
        }
        assertThat(records).extracting(ScheduledJob::getDeviceId).containsExactly("java-fleet-1", "java-fleet-2");
        assertThat(records).allSatisfy(record -> {
            assertThat(record.getJobId()).isEqualTo("JavaFleet-job");
            assertThat(record.getJobType()).isEqualTo(ScheduledJobType.scheduleUpdateTwin);
            assertThat(record.getJobStatus()).isEqualTo(ScheduledJobStatus.completed);
            assertThat(record.getCreatedTime()).isBeforeOrEqualTo(record.getStartTime());
            assertThat(record.getLastUpdatedDateTime()).isEqualTo(record.getEndTime());
            assertThat(record.getError()).isNull();
        });
        assertThatThrownBy(
                        () -> jobs.scheduleUpdateTwin("JavaFleet-job", "tags.fleet = 'java'", patch(), new Date(), 60))
                .isInstanceOf(IotHubConflictException.class);
    }

    @Test
    void backEndCancelsAndListsJobs() throws Exception {
        var tomorrow = Date.from(Instant.now().plus(Duration.ofDays(1)));
        jobs.scheduleUpdateTwin("java-later-1", "*", patch(), tomorrow, 60);
        jobs.scheduleUpdateTwin("java-later-2", "*", patch(), tomorrow, 60);

        assertThat(jobs.cancel("java-later-1").getJobStatus()).isEqualTo(ScheduledJobStatus.cancelled);
        assertThat(jobs.cancel("java-later-2").getStartTime()).isCloseTo(tomorrow, 1000);
        assertThatThrownBy(() -> jobs.cancel("java-later-1")).hasMessageContaining("cannot be cancelled");
        assertThatThrownBy(() -> jobs.cancel("java-none")).isInstanceOf(IotHubNotFoundException.class);
        assertThat(jobs.get("java-none").getJobStatus()).isEqualTo(ScheduledJobStatus.unknown);

        var listed = new ArrayList<String>();
        var page = jobs.query(
                ScheduledJobType.scheduleUpdateTwin,
                ScheduledJobStatus.cancelled,
                QueryPageOptions.builder().pageSize(1).build());
        while (page.hasNext()) {
            listed.add(page.next(QueryPageOptions.builder()
                            .pageSize(1)
                            .continuationToken(page.getContinuationToken())
                            .build())
                    .getJobId());
        }
        assertThat(listed).contains("java-later-2", "java-later-1").doesNotHaveDuplicates();
    }

    @Test
    void backEndIsToldWhatIsWrong() throws Exception {
        var tooFar = Date.from(Instant.now().plus(Duration.ofDays(8)));

        assertThatThrownBy(() -> jobs.scheduleUpdateTwin("java-too-far", "*", patch(), tooFar, 60))
                .isInstanceOf(IotHubBadFormatException.class)
                .hasMessageContaining("168 hours");
        jobs.scheduleUpdateTwin("java-bad", "tags.a = = 1", patch(), new Date(), 60);
        var bad = ended("java-bad");
        assertThat(bad.getJobStatus()).isEqualTo(ScheduledJobStatus.failed);
        assertThat(bad.getFailureReason()).contains("queryCondition");
    }

    private static Twin patch() {
        var patch = new Twin();
        patch.setETag("*");
        patch.getTags().put("done", "yes");
        patch.getDesiredProperties().put("interval", 60);
        return patch;
    }

    private ScheduledJob ended(String id) {
        return await().atMost(PATIENCE).until(() -> jobs.get(id), job -> job.getEndTime() != null);
    }
}
