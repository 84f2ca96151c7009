-- What jobs have done on a device: queries over devices.jobs ask for it, in the order of jobs.
create index device_job_device on device_job (device, job);

-- Without WITH, through which PostgreSQL takes no order of an index: it sorted all records for each page. A device that waits is
-- scheduled: Azure has both this name and pending, but its SDK for Java cannot read a record that is pending.
create or replace view device_job_record as
select job,
       device                                               as device_id,
       id                                                   as job_id,
       type                                                 as job_type,
       status,
       to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as start_time,
       -- Those that a running job has done with have ended, and so has all that an ended one left.
       to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')   as end_time,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_time,
       to_char(coalesce(ended_at, created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                                                            as last_updated_time,
       error_code,
       error_description
from (
    select d.job,
           d.device,
           j.id,
           case j.type when 'UPDATE_TWIN' then 'scheduleUpdateTwin' end as type,
           case
               when d.status <> 'PENDING' then lower(d.status)
               when j.ended_at is null then 'scheduled'
               when j.status = 'CANCELLED' then 'cancelled'
               else 'failed' end                            as status,
           d.started_at,
           coalesce(d.ended_at, j.ended_at)                 as ended_at,
           d.created_at,
           case
               when d.status = 'PENDING' and j.status = 'FAILED' then j.failure_code
               else d.error_code end                        as error_code,
           case
               when d.status = 'PENDING' and j.status = 'FAILED' then j.failure_reason
               else d.error_description end                 as error_description
    from device_job d
             join scheduled_job j on j.number = d.job) record;
