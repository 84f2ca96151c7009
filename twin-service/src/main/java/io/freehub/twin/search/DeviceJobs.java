package io.freehub.twin.search;

import io.freehub.query.Columns;
import io.freehub.query.Columns.Column;
import io.freehub.query.Path;
import io.freehub.query.Value;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Records of jobs on devices as a source of queries: {@code SELECT … FROM devices.jobs}. */
final class DeviceJobs {

    /** What stands after FROM. */
    static final String RELATION = "device_job_record";

    /** Columns that order the records, and tell any two of them apart: the job's number and the device. */
    static final String ORDER = "job, device_id";

    private static final Map<String, String> NAMES = Map.of(
            "deviceId", "device_id",
            "jobId", "job_id",
            "jobType", "job_type",
            "status", "status",
            "startTimeUtc", "start_time",
            "endTimeUtc", "end_time",
            "createdDateTimeUtc", "created_time",
            "lastUpdatedDateTimeUtc", "last_updated_time",
            "error.code", "error_code",
            "error.description", "error_description");

    /** An expression of SQL for a whole record as JSON text, without what it has not. */
    static final String RECORD = """
            left(json_strip_nulls(json_build_object(
                'deviceId', device_id, 'jobId', job_id, 'jobType', job_type, 'status', status,
                'startTimeUtc', start_time, 'endTimeUtc', end_time,
                'createdDateTimeUtc', created_time, 'lastUpdatedDateTimeUtc', last_updated_time,
                'error', case when error_code is not null
                    then json_build_object('code', error_code, 'description', error_description) end))::text, -1)
                || coalesce(',"outcome":{"deviceMethodResponse":{"status":' || outcome_status || ',"payload":'
                    || outcome_payload || '}}', '')
                || '}'""";

    private DeviceJobs() {}

    /** Where a property of a record is; it has none but these. */
    static Optional<Column> column(Path path) {
        var property = path.steps().stream()
                .map(step -> step instanceof Path.Name(var name) ? name : "")
                .collect(Collectors.joining("."));
        if (property.equals("outcome.deviceMethodResponse.status")) {
            return Optional.of(Column.number("outcome_status"));
        }
        return Optional.ofNullable(NAMES.get(property))
                .map(name -> name.equals("job_id") ? Column.text(name).with(new ById()) : Column.text(name));
    }

    /** The number is what the devices of a job are kept under; known before, they come in their order without being sorted. */
    private record ById() implements Columns.Index {
        @Override
        public Optional<String> equal(Value value, Columns.Parameters parameters) {
            return value instanceof Value.Text(var id)
                    ? Optional.of(
                            "(job = (select number from scheduled_job where id = " + parameters.add(id, "text") + "))")
                    : Optional.empty();
        }
    }
}
