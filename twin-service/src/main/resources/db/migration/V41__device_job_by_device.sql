-- What jobs have done on a device: queries over devices.jobs ask for it, in the order of jobs.
create index device_job_device on device_job (device, job);
