package io.freehub.registry.job;

/** What a job is to do. */
sealed interface JobTask {

    /** Where an import says what was wrong. */
    String ERRORS_BLOB = "importErrors.log";

    /** The blob that is read or written. */
    String blob();

    /** Where the job leaves its results. */
    Container output();

    default Job.Type type() {
        return switch (this) {
            case Import _ -> Job.Type.IMPORT;
            case Export _ -> Job.Type.EXPORT;
        };
    }

    /** Apply each line of a blob. */
    record Import(Container input, String blob, Container output) implements JobTask {}

    /** Write every identity as a line of a blob. */
    record Export(Container output, String blob, boolean excludeKeys) implements JobTask {}
}
