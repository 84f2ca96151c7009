package io.freehub.registry.job;

/** The job is not this worker's any more: it was cancelled, or another replica took it over. */
final class JobLostException extends RuntimeException {

    JobLostException(String job) {
        super(job);
    }
}
