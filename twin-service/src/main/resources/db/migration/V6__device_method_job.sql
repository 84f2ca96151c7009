-- Jobs that call a method of their devices, and what those answer.
alter table scheduled_job drop constraint scheduled_job_type_check;
alter table scheduled_job add constraint scheduled_job_type_check check (type in ('UPDATE_TWIN', 'CALL_METHOD'));

alter table device_job
    add column outcome_status  integer,
    -- JSON as the device sent it.
    add column outcome_payload text;

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
       error_description,
       outcome_status,
       outcome_payload
from (
    select d.job,
           d.device,
           j.id,
           case j.type
               when 'UPDATE_TWIN' then 'scheduleUpdateTwin'
               when 'CALL_METHOD' then 'scheduleDeviceMethod' end as type,
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
               else d.error_description end                 as error_description,
           d.outcome_status,
           d.outcome_payload
    from device_job d
             join scheduled_job j on j.number = d.job) record;
