package io.freehub.registry.job;

/**
 * A job that a worker has taken.
 *
 * @param blob what an import reads, as it was when the job was made
 * @param position bytes of it that are done
 * @param lines lines of it that are done
 */
record JobRun(String id, String worker, JobTask task, JobStorage.Blob blob, long position, long lines) {}
